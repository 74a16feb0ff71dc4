"""The command line of the demo, as far as nothing needs to be started."""

import json
import re
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from demo.command import app
from demo.running import stack
from makersync.broker import embedded
from makersync.errors import OperatorError


def demo(*words: str) -> Result:
    return CliRunner().invoke(app, list(words), env={"COLUMNS": "200", "TERM": "dumb"})


def test_help_has_an_example_and_every_option() -> None:
    text = re.sub(r"\s+", " ", demo("--help").output)
    assert "Example: makersync demo --regions 17410,19820" in text or "Example: makersync demo --regions 3 --rate 5" in text
    for option in ("once", "regions", "openings", "learners", "seed", "rate", "broker", "state-folder", "broker-port"):
        assert f"--{option}" in text


@pytest.mark.parametrize("regions", ["99999", "nowhere", "0"])
def test_an_unknown_region_is_named(regions: str) -> None:
    refused = demo("--once", "--regions", regions)
    assert refused.exit_code == 2
    assert regions in refused.output


@pytest.mark.parametrize("address", ["kafka", "kafka:", ":9092", "kafka:9092:1", "a b:1"])
def test_a_broker_without_a_port_is_refused(address: str) -> None:
    refused = demo("--once", "--broker", address)
    assert refused.exit_code == 2
    assert "is not host:port" in refused.output


def test_a_broker_that_is_away_is_named_before_anything_starts(tmp_path: Path, free_ports: list[str]) -> None:
    refused = demo("--once", "--broker", "127.0.0.1:1", "--state-folder", str(tmp_path / "demo"), *free_ports)
    assert refused.exit_code == 2
    assert "No Kafka broker answers at 127.0.0.1:1" in refused.output
    assert not (tmp_path / "demo").exists()


def test_a_port_in_use_is_named_before_anything_starts(tmp_path: Path, free_ports: list[str]) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        taken = str(holder.getsockname()[1])
        refused = demo("--state-folder", str(tmp_path / "demo"), *free_ports, "--learners-port", taken)
    assert refused.exit_code == 2
    assert f"Port {taken} on 127.0.0.1, for the learners service, is in use" in refused.output
    assert "--learners-port" in refused.output
    assert not (tmp_path / "demo").exists()


def test_a_machine_without_an_embedded_broker_is_told_the_two_ways_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free_ports: list[str]
) -> None:
    def no_wheel() -> Path:
        raise OperatorError("no wheel")

    monkeypatch.setattr(embedded, "broker_binary", no_wheel)
    refused = demo("--state-folder", str(tmp_path / "demo"), *free_ports)
    assert refused.exit_code == 2
    assert "makersync demo --broker HOST:PORT" in refused.output
    assert "docker compose up" in refused.output


def test_somebody_elses_folder_is_left_alone(tmp_path: Path, free_ports: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "embedded_command", lambda _port: ["/bin/false"])
    (tmp_path / "thesis.txt").write_text("years of work")
    refused = demo("--state-folder", str(tmp_path), *free_ports)
    assert refused.exit_code == 2
    assert "was not made by the demo" in refused.output
    assert (tmp_path / "thesis.txt").exists()


def test_the_market_can_be_written_without_starting_anything(tmp_path: Path) -> None:
    file = tmp_path / "market.json"
    written = demo("market", str(file), "--regions", "48620", "--openings", "5", "--learners", "9", "--seed", "3")
    assert written.exit_code == 0
    assert len(json.loads(file.read_text())["learners"]) == 9
    again = demo("market", "-", "--regions", "48620", "--openings", "5", "--learners", "9", "--seed", "3")
    assert json.loads(again.output) == json.loads(file.read_text())


def test_a_market_that_cannot_be_written_says_why(tmp_path: Path) -> None:
    refused = demo("market", str(tmp_path / "nowhere" / "market.json"))
    assert refused.exit_code == 2
    assert "No such file or directory" in refused.output


@pytest.fixture
def free_ports() -> list[str]:
    """Options that turn the demo to ports that are free now."""
    options = []
    holders = [socket.socket() for _ in range(4)]
    for option, holder in zip(("--openings-port", "--learners-port", "--matching-port", "--broker-port"), holders, strict=True):
        holder.bind(("127.0.0.1", 0))
        options += [option, str(holder.getsockname()[1])]
    for holder in holders:
        holder.close()
    return options

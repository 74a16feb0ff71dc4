"""The whole service under the schedule of a seed: what is published equals the evaluation of what holds in the end.

A seed such as `7` is a random schedule; `3@120` is schedule 3 with nothing in its way but a death at its 120th await, of all
that any process of it comes to. `MAKERSYNC_SEEDS=5000` runs that many random ones, `MAKERSYNC_SEED=3@120` one alone.
"""

import logging
import os
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from pathlib import Path
from random import Random
from unittest.mock import patch

import pytest
import structlog
from schedule_database import Database
from schedules import Chances, Schedule
from sqlmodel.ext.asyncio.session import AsyncSession
from turns import without_threads
from verdict import verify

from makersync.effects import held_partition
from makersync.effects.batch_reading import ReadBatch
from makersync.effects.fence import Hold, Standing
from makersync.effects.fence import advance as advance_fenced
from makersync.effects.halts import Halt
from makersync.effects.held_partition import HeldPartition
from makersync.telemetry import create_metrics
from matching.application import settling
from matching.application.settling import BacklogLimit

ONE, MANY = "MAKERSYNC_SEED", "MAKERSYNC_SEEDS"
#: So that two processes can share the random schedules.
PARTS = 2
REPLAY = f"{ONE}={{seed}} .venv/bin/python -m pytest services/matching/tests/service/test_schedules.py -k replays"
RANDOM_SCHEDULES, EVENTS = 150, 14
STEPPED_SCHEDULE, STEPPED_EVENTS = 1, 6
BROKEN_WITHIN = 300
HAPPENINGS = ("again", "died", "stands", "thrown out", "leaves", "it is", "policy 2")
#: Every other schedule runs with markets that put off settling.
BACKLOG_LIMITS = BacklogLimit(), BacklogLimit(backlog=1, longest=10, most_held=1, most_changed=0)
METRICS = create_metrics()
pytestmark = [pytest.mark.timeout(0), pytest.mark.slow]


@pytest.fixture
async def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Database]:
    without_threads(monkeypatch)
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    folder = Path("/dev/shm") if Path("/dev/shm").is_dir() else tmp_path
    path = folder / f"schedules-{os.getpid()}.sqlite"
    database = Database(path)
    await database.create()
    yield database
    await database.close()
    for file in folder.glob(f"{path.name}*"):
        file.unlink()
    structlog.reset_defaults()


async def run(database: Database, seed: str) -> Schedule:
    """Raises AssertionError, after it has printed what happened and how to see it again."""
    number, _, dies_at = seed.partition("@")
    schedule = Schedule(database, int(number), chances(int(number), dies_at), STEPPED_EVENTS if dies_at else EVENTS, METRICS)
    try:
        with patch.object(settling, "BACKLOG_LIMIT", BACKLOG_LIMITS[int(number) % len(BACKLOG_LIMITS)]):
            await schedule.run()
        await verify(schedule)
    except Exception:
        print(*schedule.history, f"To see it again: {REPLAY.format(seed=seed)}", sep="\n")
        raise
    finally:
        await schedule.close()
    return schedule


def chances(number: int, dies_at: str) -> Chances:
    rng = Random(number)
    return (
        Chances(rng, dies_at=int(dies_at))
        if dies_at
        else Chances(rng, stand=rng.choice([0, 0.01, 0.03]), die=rng.choice([0, 0.002, 0.008]))
    )


@pytest.mark.parametrize("part", range(PARTS))
async def test_the_law_holds_after_any_schedule(database: Database, part: int) -> None:
    happened: set[str] = set()
    for number in range(part, int(os.environ.get(MANY, RANDOM_SCHEDULES)), PARTS):
        history = (await run(database, str(number))).history
        happened |= {word for word in HAPPENINGS if any(word in line for line in history)}
    assert happened == set(HAPPENINGS)


async def test_the_law_holds_after_a_death_at_any_await(database: Database) -> None:
    """Until the schedule has fewer awaits than that."""
    dies_at, awaits = 0, 1
    while dies_at < awaits:
        dies_at += 1
        awaits = (await run(database, f"{STEPPED_SCHEDULE}@{dies_at}")).chances.seen
    assert awaits > 100


async def test_a_seed_replays_as_it_was(database: Database) -> None:
    """The one that is asked for, or some."""
    for seed in [os.environ[ONE]] if ONE in os.environ else ["5", "11@77"]:
        first = await run(database, seed)
        assert (await run(database, seed)).history == first.history


class OffsetsFirst(HeldPartition):
    """Broken on purpose: offsets are committed before the effects."""

    async def _apply(self, sifted: ReadBatch, offsets: Mapping[str, int], behind: int, halting: Sequence[Halt]) -> None:
        prepared = await self._work.prepare(sifted.batch, behind)
        async with self._store.transaction() as session:
            self.hold = await advance_fenced(session, self.hold, offsets, self.hold.standing)
        async with self._store.transaction() as session:
            standing = await self._work.write(session, prepared, self.hold.standing)
            self.hold = await advance_fenced(session, self.hold, {}, standing)


async def advance_unfenced(session: AsyncSession, hold: Hold, offsets: Mapping[str, int], standing: Standing) -> Hold:
    """Broken on purpose: any process may write."""
    row = await held_partition.take(session, hold.consumer, hold.partition, "anyone")
    return await advance_fenced(session, row, offsets, standing)


async def test_offsets_outside_the_transaction_are_caught_and_the_seed_is_printed(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(HeldPartition, "_apply", OffsetsFirst._apply)
    assert await is_caught(database, (str(number) for number in range(BROKEN_WITHIN)))
    assert f"To see it again: {ONE}=" in capsys.readouterr().out


async def test_a_missing_fence_is_caught(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_partition, "advance", advance_unfenced)
    assert await is_caught(database, (str(number) for number in range(BROKEN_WITHIN)))


async def is_caught(database: Database, seeds: Iterable[str]) -> bool:
    for seed in seeds:
        try:
            await run(database, seed)
        except AssertionError:
            return True
    return False

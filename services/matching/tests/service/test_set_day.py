"""Setting partitions back after a clock that was ahead moved them to a date that has not come."""

from datetime import date, timedelta

import pytest
from service_world import CREDENTIALS, MARKET_LOOP, NOW, REGION, World, award
from sqlmodel import select

from makersync.cli import past_day
from makersync.effects.fence import take
from makersync.errors import OperatorError
from makersync.store.tables import AuditRow, FenceRow
from makersync.topic import partition_of
from matching.adapters.cell_tables import CellRow
from matching.adapters.history_tables import CellDayRow
from matching.entrypoints.day_command import set_day

MILLING = CREDENTIALS[0]
TODAY, AHEAD = NOW.date(), (NOW + timedelta(days=200)).date()


@pytest.fixture(autouse=True)
def database_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async def now(*_: object) -> object:
        return NOW

    monkeypatch.setattr(past_day, "read_database_time", now)


async def ahead_for_a_moment(world: World) -> list[tuple[str, ...]]:
    """An award and an opening that end within the 200 days; then the clock is right again."""
    await world.opening("closing", closes_on=str(TODAY + timedelta(days=30)))
    await world.opening("open-ended")
    await world.learner("ann")
    await world.learner("bob", award(MILLING, expires_on=str(TODAY + timedelta(days=60))))
    await world.news()
    world.clock.move_to(NOW + timedelta(days=200))
    lapsed = await world.news()
    world.clock._now = NOW  # no clock of a test goes back otherwise
    return lapsed


async def look_at_rules(world: World) -> None:
    for periodic in world.definition.periodic(world.context):
        await periodic.step()


async def days_of(world: World) -> set[date | None]:
    async with world.store.reading() as session:
        rows = (await session.exec(select(FenceRow).where(FenceRow.consumer == "matching.market"))).all()
    return {row.day for row in rows}


async def test_what_lapsed_by_mistake_is_proposed_again_by_the_running_owner(world: World) -> None:
    assert sorted(await ahead_for_a_moment(world)) == [
        ("withdrawn", "closing", "ann", "opening_expired"),
        ("withdrawn", "closing", "bob", "opening_expired"),
        ("withdrawn", "open-ended", "bob", "credential_lapsed"),
    ]
    assert await world.news() == []
    assert await days_of(world) == {AHEAD}
    stood = await set_day(world.context, TODAY, None)
    assert set(stood.values()) == {AHEAD}
    for _ in range(3):
        await world.settle()
        world.pass_seconds(10)
    assert sorted(await world.news()) == [
        ("proposed", "closing", "ann"),
        ("proposed", "closing", "bob"),
        ("proposed", "open-ended", "bob"),
    ]
    assert await days_of(world) == {TODAY}


async def test_an_owner_notices_that_another_process_had_its_partitions(world: World) -> None:
    """Guards: what another process had left unsettled would stay so until an event came."""
    await world.opening()
    await world.settle()
    async with world.store.transaction() as session:
        for number in range(world.context.settings.partitions):
            await take(session, MARKET_LOOP, number, "matching-2")
    await look_at_rules(world)
    [market] = [each for each in world.loops if each.name == MARKET_LOOP]
    assert market.held and all(held.due() for held in market.held.values())


async def test_it_is_audited_and_says_what_it_did(world: World) -> None:
    await ahead_for_a_moment(world)
    stood = await set_day(world.context, TODAY, 2)
    assert stood == {2: AHEAD}
    async with world.store.reading() as session:
        (row,) = (await session.exec(select(AuditRow).where(AuditRow.action == "set_day"))).all()
    assert row.detail == {"day": str(TODAY), "partitions": {"2": str(AHEAD)}}


async def test_yesterdays_levels_are_those_of_the_last_day_that_ended_before(world: World) -> None:
    """Guards: hysteresis applies only to a level that the cell really had yesterday."""
    await ahead_for_a_moment(world)
    yesterday, number = TODAY - timedelta(days=1), partition_of(REGION, world.context.settings.partitions)
    counted = dict.fromkeys(("demand", "openings", "employers", "supply", "pipeline", "blocked"), 1)
    async with world.store.transaction() as session:
        for subject in ("credential:a", "credential:b"):
            session.add(
                CellRow(
                    region=REGION,
                    subject=subject,
                    partition=number,
                    level="severe",
                    previous_level="severe",
                    version=1,
                    signal=None,
                )
            )
        for day, level in ((yesterday, "shortage"), (TODAY, "severe")):
            session.add(
                CellDayRow(
                    region=REGION, subject="credential:a", partition=number, day=day, level=level, source="live", **counted
                )
            )
    await set_day(world.context, TODAY, None)
    async with world.store.reading() as session:
        kept = {row.subject: row.previous_level for row in (await session.exec(select(CellRow))).all()}
        days = set((await session.exec(select(CellDayRow.day))).all())
    assert kept == {"credential:a": "shortage", "credential:b": None}
    assert days == {yesterday}


@pytest.mark.parametrize(
    ("day", "partition", "why"),
    [
        (TODAY + timedelta(days=1), None, "has not come"),
        (TODAY, 99, "There is no partition 99"),
        (TODAY, None, "dates advance on their own"),
    ],
)
async def test_the_command_says_what_it_cannot_do(world: World, day: date, partition: int | None, why: str) -> None:
    await world.opening()
    await world.settle()
    with pytest.raises(OperatorError, match=why):
        await set_day(world.context, day, partition)

"""A deployment in New York: what ends by date ends at its midnight, five hours after midnight in UTC, or four in summer."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from service_world import CREDENTIALS, NOW, World, award
from sqlmodel import select

from makersync.clock import ManualClock
from makersync.errors import OperatorError
from makersync.store.tables import FenceRow
from matching.adapters.history_tables import OpeningLifeRow
from matching.adapters.subject_repository import live_market
from matching.entrypoints.day_command import set_day

#: To settle takes seconds.
MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW, ZoneInfo("America/New_York"))


async def news_before_and_at(world: World, midnight: datetime) -> list[list[tuple[str, ...]]]:
    """The news of the last minute before midnight, and of midnight."""
    news = []
    for at in (midnight - MINUTE, midnight):
        world.clock.move_to(at)
        news.append(await world.news())
    return news


@pytest.mark.parametrize(
    ("ends", "midnight"),
    [
        ("2026-11-23", datetime(2026, 11, 23, 5, tzinfo=UTC)),
        pytest.param("2027-03-14", datetime(2027, 3, 14, 5, tzinfo=UTC), id="clocks are set forward on this day"),
        pytest.param("2027-03-15", datetime(2027, 3, 15, 4, tzinfo=UTC), id="after a day of 23 hours"),
        pytest.param("2027-11-08", datetime(2027, 11, 8, 5, tzinfo=UTC), id="after a day of 25 hours"),
    ],
)
async def test_a_credential_expires_at_local_midnight(world: World, ends: str, midnight: datetime) -> None:
    await world.opening()
    await world.learner("ann", award(CREDENTIALS[0], expires_on=ends))
    assert await world.news() == [("proposed", "job", "ann")]
    assert await news_before_and_at(world, midnight) == [[], [("withdrawn", "job", "ann", "credential_lapsed")]]


async def test_a_credential_begins_at_local_midnight(world: World) -> None:
    await world.opening()
    await world.learner("ann", award(CREDENTIALS[0], issued_on="2026-11-23"))
    assert await world.news() == []
    assert await news_before_and_at(world, datetime(2026, 11, 23, 5, tzinfo=UTC)) == [[], [("proposed", "job", "ann")]]


async def test_an_opening_is_live_to_the_end_of_its_last_local_day(world: World) -> None:
    await world.opening(closes_on="2026-11-22")
    await world.learner("ann")
    assert await world.news() == [("proposed", "job", "ann")]
    expired = [("withdrawn", "job", "ann", "opening_expired")]
    assert await news_before_and_at(world, datetime(2026, 11, 23, 5, tzinfo=UTC)) == [[], expired]


async def test_days_to_fill_are_counted_in_local_days(world: World) -> None:
    """Published late on the 22nd and filled a little later, on the 23rd: both are the 23rd in UTC."""
    world.clock.move_to(datetime(2026, 11, 23, 4, 30, tzinfo=UTC))
    await world.opening()
    await world.settle()
    world.clock.move_to(datetime(2026, 11, 23, 5, 30, tzinfo=UTC))
    await world.opening(kind="PositionsFilled", filled=1, status="filled")
    await world.settle()
    async with world.store.reading() as session:
        (life,) = (await session.exec(select(OpeningLifeRow))).all()
    assert (life.published_on, life.filled_on) == (date(2026, 11, 22), date(2026, 11, 23))


async def test_a_date_that_went_back_with_the_zone_is_set_back_by_command(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The deployment lived in UTC, where the 23rd has begun; in New York it is the 22nd."""

    async def database_time(*_: object) -> datetime:
        return world.clock.now()

    monkeypatch.setattr("makersync.cli.past_day.read_database_time", database_time)
    world.clock._zone = UTC
    await world.opening(closes_on="2026-11-22")
    await world.learner("ann")
    assert await world.news() == [("proposed", "job", "ann")]
    world.clock.move_to(datetime(2026, 11, 23, 1, tzinfo=UTC))
    assert await world.news() == [("withdrawn", "job", "ann", "opening_expired")]
    world.clock._zone = ZoneInfo("America/New_York")
    assert await world.news() == []
    with pytest.raises(OperatorError, match="2026-11-23 has not come: the database's date is 2026-11-22"):
        await set_day(world.context, date(2026, 11, 23), None)
    stood = await set_day(world.context, None, None)
    assert set(stood.values()) == {date(2026, 11, 23)}
    for _ in range(3):
        await world.settle()
        world.pass_seconds(10)
    assert await world.news() == [("proposed", "job", "ann")]
    async with world.store.reading() as session:
        rows = (await session.exec(select(FenceRow.day).where(FenceRow.consumer == "matching.market"))).all()
    assert set(rows) == {date(2026, 11, 22)}


async def test_a_market_file_is_of_the_local_day(world: World) -> None:
    world.clock.move_to(datetime(2026, 11, 23, 3, tzinfo=UTC))
    await world.opening()
    await world.settle()
    async with world.store.reading() as session:
        assert (await live_market(session, world.clock)).day == date(2026, 11, 22)

"""A deployment in New York: an opening closes at the end of the local day."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from makersync.clock import ManualClock
from makersync.runtime.service import Context
from openings.adapters.unit_of_work import units_of_work_of
from openings.entrypoints.day_command import set_day
from openings.entrypoints.sweeps import expiry_sweep

from .conftest import NOW, Caller, Published, publish
from .samples import wanted
from .test_ending_notices import notices

pytestmark = pytest.mark.usefixtures("catalog")
#: Midnight in New York, after a day of 23 hours.
MIDNIGHT = datetime(2027, 3, 15, 4, tzinfo=UTC)
LAST_DAY = "2027-03-14"
SECOND = timedelta(seconds=1)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW, ZoneInfo("America/New_York"))


async def test_an_opening_closes_at_local_midnight(
    acme: Caller, published: Published, context: Context, clock: ManualClock
) -> None:
    path = await publish(acme, closes_on=LAST_DAY)
    sweep = expiry_sweep(context.store, units_of_work_of(context))
    clock.move_to(MIDNIGHT - SECOND)
    assert await sweep() == 0
    assert (await acme.get(path)).json()["live"]
    clock.move_to(MIDNIGHT)
    assert not (await acme.get(path)).json()["live"]
    assert await sweep() == 1
    assert await published.kinds() == ["OpeningPublished", "OpeningExpired"]


@pytest.mark.parametrize(("at", "status"), [(MIDNIGHT - SECOND, 201), (MIDNIGHT, 422)])
async def test_a_closing_date_is_past_from_local_midnight_on(
    acme: Caller, clock: ManualClock, at: datetime, status: int
) -> None:
    clock.move_to(at)
    answer = await acme.post("/v1/openings", wanted(closes_on=LAST_DAY))
    assert answer.status_code == status
    if status == 422:
        assert [error["rule"] for error in answer.json()["errors"]] == ["past_date"]


async def test_the_days_of_an_ending_notice_are_local_days(acme: Caller, context: Context, clock: ManualClock) -> None:
    """Guards: three days before the 14th begin at 05:00 UTC, while it is winter."""
    await publish(acme, title="Turner", closes_on=LAST_DAY)
    said = []
    for at in (datetime(2027, 3, 11, 5, tzinfo=UTC) - SECOND, datetime(2027, 3, 11, 5, tzinfo=UTC)):
        clock.move_to(at)
        said.append(await notices(context, acme))
    assert said == [[("Turner", 4)], [("Turner", 4), ("Turner", 3)]]


async def test_expiries_that_a_change_of_the_zone_made_early_are_taken_back_without_naming_the_date(
    acme: Caller, context: Context, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def database_time(*_: object) -> datetime:
        return clock.now()

    monkeypatch.setattr("makersync.cli.past_day.read_database_time", database_time)
    path = await publish(acme, closes_on=LAST_DAY)
    clock.move_to(MIDNIGHT - timedelta(hours=1))
    clock._zone = UTC
    units_of_work = units_of_work_of(context)
    assert await expiry_sweep(context.store, units_of_work)() == 1
    clock._zone = ZoneInfo("America/New_York")
    assert await set_day(context, units_of_work, None) == 1
    assert (await acme.get(path)).json()["live"]

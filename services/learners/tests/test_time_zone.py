"""A deployment in New York: what a provider says of today, and what counts today, goes by the local day."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from makersync.clock import ManualClock

from .conftest import Caller
from .samples import accepted, award, cohort, record, refused, register

#: Ten in the evening of the 22nd in New York.
EVENING = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(EVENING, ZoneInfo("America/New_York"))


async def test_an_award_of_tomorrow_is_not_issued_yet(york: Caller) -> None:
    awards = f"/v1/learners/{await register(york)}/awards"
    assert refused(await york.post(awards, award(issued_on="2026-11-23")), 422) == [("issued_on", "future")]
    accepted(await york.post(awards, award(issued_on="2026-11-22")))


async def test_an_award_is_in_force_until_local_midnight(york: Caller, clock: ManualClock) -> None:
    learner_id = await register(york)
    await record(york, learner_id, expires_on="2026-11-23")
    counted = []
    for at in (EVENING, EVENING.replace(hour=4, minute=59), EVENING.replace(hour=5)):
        clock.move_to(at)
        (shown,) = (await york.get(f"/v1/learners/{learner_id}")).json()["awards"]
        counted.append(shown["in_force"])
    assert counted == [True, True, False]


async def test_who_seeks_from_now_on_seeks_since_the_local_day(york: Caller) -> None:
    learner_id = await register(york)
    assert (await york.get(f"/v1/learners/{learner_id}")).json()["seeking_since"] == "2026-11-22"


@pytest.mark.parametrize(("ends_on", "status"), [("2026-11-21", 422), ("2026-11-22", 201)])
async def test_a_cohort_may_end_on_the_local_day(york: Caller, ends_on: str, status: int) -> None:
    assert (await york.post("/v1/cohorts", cohort(starts_on="2026-09-01", ends_on=ends_on))).status_code == status

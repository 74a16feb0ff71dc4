"""What operators see of what happened, and of how fast events became matches."""

from datetime import UTC, datetime, timedelta

import pytest

from makersync.clock import ManualClock
from makersync.runtime.service import Context

from .conftest import NOW, Caller
from .events import Feed, Match
from .samples import wanted

pytestmark = pytest.mark.usefixtures("catalog")


async def test_operators_see_what_happened_and_how_fast(
    operator: Caller, acme: Caller, feed: Feed, opening_id: str, context: Context, clock: ManualClock
) -> None:
    feed.nothing_waits()
    clock.move_to(NOW + timedelta(seconds=1))
    feed.origin = clock.now() - timedelta(milliseconds=250)
    first, second = Match(opening_id, "lrn_1"), Match(opening_id, "lrn_2")
    await feed.matches(first.proposed(1), first.revised(2), first.withdrawn(3, "outranked"))
    feed.origin = clock.now() - timedelta(milliseconds=750)
    await feed.matches(second.proposed(1), second.proposed(1))
    await feed.matches(first.proposed(1), second.proposed(1))
    await acme.post("/v1/openings", wanted(filled=3))
    activity = (await operator.get("/v1/activity")).json()
    assert activity["employers"] == 1
    assert activity["openings"] == {"open": 1, "filled": 1, "closed": 0, "live": 1}
    assert activity["matches"] == {"live": 1, "proposed": 2, "revised": 1, "withdrawn": 1}
    assert activity["event_to_match_ms"] == {"measured": 2, "p50": 250, "p95": 750, "p99": 750, "max": 750}
    observed = context.metrics.registry.get_sample_value("makersync_event_to_match_seconds_count")
    assert observed == 2
    assert (await acme.get("/v1/activity")).status_code == 403


async def test_only_matches_that_are_read_as_they_arrive_are_measured(
    operator: Caller, feed: Feed, opening_id: str, clock: ManualClock
) -> None:
    """Guards: after an outage the measured latency would be the length of the outage. Events that waited meanwhile are not
    measured, nor those whose chain began before, nor dead letters that this service or matching reads a second time."""

    async def measured() -> int:
        count: int = (await operator.get("/v1/activity")).json()["event_to_match_ms"]["measured"]
        return count

    feed.origin = clock.now()
    await feed.matches(Match(opening_id, "waited").proposed(1))
    feed.nothing_waits()
    clock.move_to(NOW + timedelta(hours=1))
    feed.origin = NOW - timedelta(seconds=1)
    await feed.matches(Match(opening_id, "began-before").proposed(1))
    assert await measured() == 0
    feed.origin = NOW + timedelta(minutes=59)
    await feed.matches(Match(opening_id, "live").proposed(1))
    assert await measured() == 1
    feed.origin, feed.time = None, NOW + timedelta(minutes=59)
    await feed.matches(Match(opening_id, "from-a-replay-or-a-date").proposed(1))
    assert await measured() == 1
    feed.origin = feed.time
    feed.read_again_from_here()
    await feed.matches(Match(opening_id, "set-aside").proposed(1))
    assert await measured() == 1


async def test_activity_of_an_empty_service_has_no_percentiles(operator: Caller) -> None:
    activity = (await operator.get("/v1/activity")).json()
    assert activity["event_to_match_ms"] == {"measured": 0, "p50": None, "p95": None, "p99": None, "max": None}
    assert activity["matches"] == {"live": 0, "proposed": 0, "revised": 0, "withdrawn": 0}


async def test_an_event_from_the_future_took_no_time(operator: Caller, feed: Feed, opening_id: str) -> None:
    feed.nothing_waits()
    feed.origin = datetime(2026, 11, 23, tzinfo=UTC)
    await feed.matches(Match(opening_id, "lrn_1").proposed(1))
    assert (await operator.get("/v1/activity")).json()["event_to_match_ms"]["max"] == 0

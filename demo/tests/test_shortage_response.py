"""A provider of the demo answers a shortage with a cohort, and says what came of it."""

from dataclasses import replace
from datetime import UTC, datetime

from demo.client.issued_ids import IssuedIds
from demo.market.cast import empty_cast
from demo.market.generated_market import GeneratedMarket
from demo.market.plan import MarketPlan
from demo.running.shortage_response import ENROLLED, SEATS, ShortageResponse
from demo.running.submitting import Submitter
from demo.showing.figures import ShortageFigures
from demo.showing.narration import Narrator
from makersync.clock import ManualClock

from .conftest import DAY
from .services import Services

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
REGION = "48620"
SHORT = ShortageFigures(REGION, "credential:mssc:cpt", "severe", {"pipeline": 3}, ("mssc:cpt",), "shortage")


async def at_work(services: Services) -> ShortageResponse:
    """With a market of one region, whose providers and learners are there."""
    market, ids, cast = GeneratedMarket(MarketPlan((REGION,), 5, 40, 1, DAY)), IssuedIds(), empty_cast()
    submitter = Submitter(services.clients(), ids)
    for provider in market.providers():
        await submitter.bring_in(provider)
    for learner in market.learners():
        cast.learners.add(learner.key, learner)
        await submitter.register(learner)
    services.asked.clear()
    return ShortageResponse(services.clients(), submitter, market, cast, Narrator(market.atlas, ids), ManualClock(NOW))


def shown(pipeline: int) -> dict[str, object]:
    cell = {"region": REGION, "subject": SHORT.subject, "level": "severe", "components": {"pipeline": pipeline}}
    return {"items": [cell | {"top_credentials": ["mssc:cpt"], "level_ahead": "balanced"}], "next_cursor": None}


async def test_a_cohort_is_planned_filled_and_its_signal_shown() -> None:
    services = Services()
    response = await at_work(services)
    services.routes["/v1/signals"] = lambda: shown(23)
    answer = await response.answer([ShortageFigures("remote", SHORT.subject, "severe", {"pipeline": 0}, ("mssc:cpt",)), SHORT])
    [planned, *enrolments] = [asked for asked in services.asked if asked.method == "POST"]
    assert (planned.path, planned.body["credential"], planned.body["seats"]) == ("/v1/cohorts", "mssc:cpt", SEATS)
    assert [asked.path for asked in enrolments] == ["/v1/cohorts/cohort_id-1/enrolments"] * ENROLLED
    assert len({asked.body["learner_id"] for asked in enrolments}) == ENROLLED
    assert answer is not None
    assert answer.startswith("[pipeline 3 -> 23] Synthetic Training ")
    assert "plans 20 seats of mssc:cpt and enrols 3, for mssc:cpt in Wichita, KS; " in answer
    assert answer.endswith("; once those in training finish, it will be balanced")


async def test_a_shortage_that_nobody_has_answered_comes_first() -> None:
    services = Services()
    response = await at_work(services)
    services.routes["/v1/signals"] = lambda: shown(23)
    answered = replace(SHORT, top_credentials=("nims:mill",), level_ahead="balanced")
    await response.answer([answered, SHORT])
    await response.answer([answered])
    planned = [asked.body["credential"] for asked in services.asked if asked.path == "/v1/cohorts"]
    assert planned == ["mssc:cpt", "nims:mill"]


async def test_where_nobody_trains_nothing_is_planned() -> None:
    services = Services()
    response = await at_work(services)
    assert await response.answer([ShortageFigures("17410", SHORT.subject, "severe", {"pipeline": 0}, ("mssc:cpt",))]) is None
    assert await response.answer([ShortageFigures(REGION, SHORT.subject, "severe", {"pipeline": 0}, ())]) is None
    assert services.asked == []

"""An employer of the demo goes from candidate to hire, and each step is said once it is done."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import chain, repeat
from typing import Any

import pytest

from demo.client.issued_ids import IssuedIds
from demo.client.service_clients import RefusedByService
from demo.market.cast import Cast, empty_cast
from demo.market.generated_market import GeneratedMarket
from demo.market.plan import MarketPlan
from demo.running.first_hire import FirstHire
from demo.running.submitting import Submitter
from demo.showing.narration import Narrator
from makersync.clock import ManualClock

from .conftest import DAY
from .services import Services

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
INTRODUCTION = "/v1/introductions/int_1"


def in_turn(*answers: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    """Gives one answer after the other, and the last one again and again."""
    left = chain(answers[:-1], repeat(answers[-1]))
    return lambda: next(left)


async def at_work(services: Services) -> tuple[FirstHire, Cast, IssuedIds]:
    """With one employer's opening, and one learner who may be on its shortlist."""
    market, ids, cast = GeneratedMarket(MarketPlan(("48620",), 1, 1, 1, DAY)), IssuedIds(), empty_cast()
    submitter = Submitter(services.clients(), ids)
    for employer in market.employers():
        await submitter.admit(employer)
    for provider in market.providers():
        await submitter.bring_in(provider)
    for opening in market.openings():
        cast.openings.add(opening.key, opening)
        await submitter.publish(opening)
    for learner in market.learners():
        cast.learners.add(learner.key, learner)
        await submitter.register(learner)
    services.asked.clear()
    return FirstHire(services.clients(), ids, cast, Narrator(market.atlas, ids), ManualClock(NOW)), cast, ids


def offers(services: Services, ids: IssuedIds, *candidates: str) -> str:
    """What the services answer when nothing goes wrong; returns the path of the opening."""
    [opening_id] = ids.openings.values()
    path = f"/v1/openings/{opening_id}"
    services.routes[f"{path}/shortlist"] = lambda: {"candidates": [{"learner_id": each} for each in candidates]}
    services.routes[f"{path}/introductions"] = lambda: {"introduction_id": "int_1"}
    services.routes[INTRODUCTION] = in_turn({"status": "asked"}, {"status": "accepted"}, {"status": "hired"})
    services.routes[f"{INTRODUCTION}/contact-access"] = lambda: {"token": "capability"}
    services.routes["/v1/contacts/int_1"] = lambda: {"name": "somebody"}
    services.routes[path] = lambda: {"filled": 1, "positions": 2}
    return path


async def test_each_step_is_said_and_both_leave_the_play() -> None:
    services, said = Services(), list[str]()
    story, cast, ids = await at_work(services)
    [learner_id] = ids.learners.values()
    path = offers(services, ids, "lrn_unknown", learner_id)
    await story.tell(said.append)
    assert [line.partition("]")[0] for line in said] == ["[asked", "[accepted", "[contact", "[hired"]
    assert said[-1].startswith("[hired] Synthetic Works ")
    assert "1 of 2 filled" in said[-1]
    assert [each.path for each in services.asked if each.method == "POST"] == [
        f"{path}/introductions",
        f"{INTRODUCTION}/accept",
        f"{INTRODUCTION}/contact-access",
        f"{INTRODUCTION}/hire",
        f"{INTRODUCTION}/confirm-hire",
    ]
    [reading] = [each for each in services.asked if each.path.startswith("/v1/contacts/")]
    assert reading.headers["authorization"] == "Bearer capability"
    assert not any("somebody" in line for line in said)
    assert (len(cast.openings), len(cast.learners)) == (0, 0)


async def test_without_a_known_candidate_nobody_is_asked() -> None:
    services, said = Services(), list[str]()
    story, cast, ids = await at_work(services)
    offers(services, ids, "lrn_unknown")
    await story.tell(said.append)
    assert said == ["No shortlist has a candidate to meet."]
    assert [each.method for each in services.asked] == ["GET"]
    assert (len(cast.openings), len(cast.learners)) == (1, 1)


async def test_an_answer_that_does_not_come_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.running.first_hire._PATIENCE_S", -1.0)
    services, said = Services(), list[str]()
    story, _, ids = await at_work(services)
    [learner_id] = ids.learners.values()
    offers(services, ids, learner_id)
    services.routes[INTRODUCTION] = lambda: {"status": "lapsed"}
    with pytest.raises(RefusedByService, match="not asked within"):
        await story.tell(said.append)
    assert [line.partition("]")[0] for line in said] == ["[asked"]

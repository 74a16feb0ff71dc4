"""Drafts and moves arrive at the services in the form that they take."""

from datetime import timedelta

import pytest

from demo.client.issued_ids import IssuedIds
from demo.market.cast import empty_cast
from demo.market.drafts import AwardDraft, LearnerDraft, OpeningDraft
from demo.market.generated_market import GeneratedMarket
from demo.market.moves import (
    ChangeAward,
    CloseOpening,
    EraseLearner,
    FillPosition,
    Move,
    MoveLearner,
    PublishOpening,
    RecordAward,
    RegisterLearner,
    ReviseOpening,
    SetConsent,
)
from demo.market.plan import MarketPlan
from demo.running.loading import Loader
from demo.running.performing import make
from demo.running.submitting import Submitter

from .conftest import DAY
from .services import KEYS, Services

ACTIVE = AwardDraft(key="a-1", credential="mssc:cpt", status="active", issued_on=DAY, expires_on=DAY + timedelta(days=9))


@pytest.fixture
def services() -> Services:
    services = Services()
    items = [{}] * 82
    services.routes["/v1/catalog/credentials"] = lambda: {"items": items, "next_cursor": None}
    services.routes["/v1/catalog/competencies"] = lambda: {"items": items[:54], "next_cursor": None}
    return services


@pytest.fixture
def ids() -> IssuedIds:
    return IssuedIds()


@pytest.fixture
def submitter(services: Services, ids: IssuedIds) -> Submitter:
    return Submitter(services.clients(), ids)


async def at_work(market: GeneratedMarket, submitter: Submitter, services: Services) -> tuple[OpeningDraft, LearnerDraft]:
    """An opening and a learner, with their employer and provider, are there; only what follows is remembered."""
    opening, learner = next(market.openings()), next(market.learners())
    await submitter.admit(next(one for one in market.employers() if one.key == opening.employer))
    await submitter.bring_in(next(one for one in market.providers() if one.key == learner.provider))
    await submitter.publish(opening)
    await submitter.register(learner)
    await submitter.record(learner, ACTIVE)
    services.asked.clear()
    return opening, learner


async def test_everything_is_loaded_once(services: Services, submitter: Submitter, ids: IssuedIds) -> None:
    market = GeneratedMarket(MarketPlan(("48620",), openings=12, learners=15, seed=1, day=DAY))
    loaded: list[str] = []
    await Loader(market, services.clients(), submitter, empty_cast(), loaded.append).load()
    assert {kind: loaded.count(kind) for kind in loaded} == {
        "employers": 4,
        "providers": 2,
        "cohorts": sum(1 for _ in market.cohorts()),
        "openings": 12,
        "learners": 15,
    }
    keys = [asked.headers["Idempotency-Key"] for asked in services.asked if "Idempotency-Key" in asked.headers]
    assert len(keys) == len(set(keys))
    assert len(ids.openings) == 12
    assert len(ids.learners) == 15
    assert len(ids.awards) == sum(len(learner.awards) for learner in market.learners())


async def test_operators_admit_and_organisations_do_the_rest(
    services: Services, submitter: Submitter, market: GeneratedMarket
) -> None:
    opening, _ = next(market.openings()), None
    employer = next(one for one in market.employers() if one.key == opening.employer)
    await submitter.admit(employer)
    await submitter.publish(opening)
    assert services.requests == [
        ("POST", "/v1/employers"),
        ("POST", "/v1/employers/employer_id-1/keys"),
        ("POST", "/v1/openings"),
    ]
    keys = [asked.headers["Authorization"] for asked in services.asked]
    assert keys == [f"Bearer {KEYS['openings']}", f"Bearer {KEYS['openings']}", "Bearer token-2"]


async def test_a_revoked_award_is_recorded_first(services: Services, submitter: Submitter, market: GeneratedMarket) -> None:
    _, learner = await at_work(market, submitter, services)
    revoked = AwardDraft(key="a-9", credential="mssc:cpt", status="revoked", issued_on=DAY)
    await submitter.record(learner, revoked)
    recorded, revocation = services.asked
    assert recorded.body == {"credential": "mssc:cpt", "status": "active", "issued_on": DAY.isoformat()}
    assert revocation.path.endswith("/awards/award_id-1/revocation")


async def test_what_does_not_take_part_is_not_kept(submitter: Submitter, ids: IssuedIds, market: GeneratedMarket) -> None:
    opening = next(market.openings())
    await submitter.admit(next(one for one in market.employers() if one.key == opening.employer))
    await submitter.publish(opening, keep=False)
    assert ids.openings == {}


async def test_every_move_arrives(services: Services, submitter: Submitter, market: GeneratedMarket, ids: IssuedIds) -> None:
    opening, learner = await at_work(market, submitter, services)
    at_opening, at_learner = f"/v1/openings/{ids.openings[opening.key]}", f"/v1/learners/{ids.learners[learner.key]}"
    at_award = f"{at_learner}/awards/{ids.awards[ACTIVE.key]}"
    new = AwardDraft(key="a-2", credential="osha:10-general-industry", status="active", issued_on=DAY)
    expected: list[tuple[Move, str, str, object]] = [
        (FillPosition(opening), "POST", f"{at_opening}/fillings", {"filled": opening.filled + 1}),
        (RecordAward(learner, new), "POST", f"{at_learner}/awards", None),
        (ChangeAward(learner, ACTIVE, "renew"), "POST", f"{at_award}/renewal", {"expires_on": "2026-11-29"}),
        (ChangeAward(learner, ACTIVE, "suspend"), "POST", f"{at_award}/suspension", None),
        (ChangeAward(learner, ACTIVE, "reinstate"), "POST", f"{at_award}/reinstatement", None),
        (ChangeAward(learner, ACTIVE, "revoke"), "POST", f"{at_award}/revocation", None),
        (ChangeAward(learner, ACTIVE, "expire"), "PATCH", at_award, {"expires_on": "2026-11-29"}),
        (SetConsent(learner, False), "PUT", f"{at_learner}/consent", {"consents_to_matching": False}),
        (MoveLearner(learner, "44114"), "PATCH", at_learner, {"zip": "44114"}),
        (ReviseOpening(opening), "PATCH", at_opening, None),
        (CloseOpening(opening), "POST", f"{at_opening}/closing", None),
        (EraseLearner(learner), "DELETE", at_learner, None),
    ]
    for move, method, path, body in expected:
        services.asked.clear()
        await make(submitter, move)
        assert services.requests == [(method, path)], move
        assert body is None or services.asked[0].body == body, move


async def test_what_comes_later_can_be_moved_too(services: Services, submitter: Submitter, market: GeneratedMarket) -> None:
    opening, learner = await at_work(market, submitter, services)
    await make(submitter, PublishOpening(opening))
    await make(submitter, RegisterLearner(learner))
    await make(submitter, CloseOpening(opening))
    await make(submitter, EraseLearner(learner))


async def test_what_was_closed_is_not_found_again(services: Services, submitter: Submitter, market: GeneratedMarket) -> None:
    opening, _ = await at_work(market, submitter, services)
    await make(submitter, CloseOpening(opening))
    with pytest.raises(KeyError):
        await make(submitter, FillPosition(opening))

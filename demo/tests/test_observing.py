"""What comes of a move is asked of the services and reported in a few words."""

import httpx
import pytest

from demo.client.issued_ids import IssuedIds, Organisation
from demo.market.drafts import LearnerDraft, OpeningDraft
from demo.market.generated_market import GeneratedMarket
from demo.market.moves import CloseOpening, EraseLearner, Move, MoveLearner, PublishOpening
from demo.running import observing
from demo.running.observing import Observer

from .services import Services


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observing, "_LATER_S", 0.0)


@pytest.fixture
def opening(market: GeneratedMarket) -> OpeningDraft:
    return next(market.openings())


@pytest.fixture
def learner(market: GeneratedMarket) -> LearnerDraft:
    return next(market.learners())


@pytest.fixture
def ids(opening: OpeningDraft, learner: LearnerDraft) -> IssuedIds:
    return IssuedIds(
        employers={opening.employer: Organisation("emp_1", "Synthetic Works 1", "key")},
        providers={learner.provider: Organisation("prv_1", "Synthetic Training 1", "key")},
        openings={opening.key: "opn_1"},
        learners={learner.key: "lrn_1"},
    )


async def outcome(move: Move, ids: IssuedIds, *counts: int) -> str:
    """The words for a move around which the services give these counts."""
    services = Services()
    services.answers.extend(httpx.Response(200, json={"candidates": count, "live_count": count}) for count in counts)
    observer = Observer(services.clients(), ids)
    before = await observer.before(move)
    if isinstance(move, CloseOpening):
        ids.openings.clear()
    if isinstance(move, EraseLearner):
        ids.learners.clear()
    return await observer.after(move, before)


async def test_a_new_opening_has_candidates(opening: OpeningDraft, ids: IssuedIds) -> None:
    assert await outcome(PublishOpening(opening), ids, 5) == "5 matches"


async def test_a_move_changes_matches(learner: LearnerDraft, ids: IssuedIds) -> None:
    assert await outcome(MoveLearner(learner, "44114"), ids, 3, 1) == "3 -> 1 match"


async def test_a_move_that_changes_nothing_needs_no_words(learner: LearnerDraft, ids: IssuedIds) -> None:
    assert await outcome(MoveLearner(learner, "44114"), ids, 3, 3) == ""


async def test_what_is_closed_loses_its_matches(opening: OpeningDraft, ids: IssuedIds) -> None:
    assert await outcome(CloseOpening(opening), ids, 4) == "4 matches withdrawn"


async def test_who_is_erased_without_a_match_needs_no_words(learner: LearnerDraft, ids: IssuedIds) -> None:
    assert await outcome(EraseLearner(learner), ids, 0) == ""

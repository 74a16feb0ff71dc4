"""The parts of the engine, each beside the plainest thing that does the same."""

from datetime import date, timedelta
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markets import learner_document
from msgspec import structs

from contracts.vocabulary import AwardStatus, Evidence
from matching.adapters.market_file.files import market_of
from matching.domain.engine.calendar import NEVER, Calendar, learner_due
from matching.domain.engine.packing import Packer
from matching.domain.engine.shortlist_buffers import LEAST_WIDTH, ShortlistBuffers, order_keys
from matching.domain.engine.skills import SkillSets
from matching.domain.market.catalog import CompetencyLevel, MarketCatalog, MarketCredential
from matching.domain.market.policy import Policy
from matching.domain.market.subjects import MarketAward, MarketLearner
from matching.domain.rules.scoring import FULL
from matching.domain.rules.shortlist import order_key
from reference.places import Places

DAY = date(2026, 11, 22)


@given(seed=st.integers(0, 2**32 - 1))
def test_a_packed_learner_unpacks_as_it_was(places: Places, seed: int) -> None:
    document = {
        "day": DAY.isoformat(),
        "policy": Policy().to_dict(),
        "catalog": {"competencies": [], "credentials": []},
        "openings": [],
        "cohorts": [],
        "learners": [learner_document(Random(seed), "ann", 3) | {"awards": []}],
    }
    learner = market_of(document, places).learners[0]
    packer = Packer()
    assert packer.unpack("ann", packer.pack(learner)) == learner


def test_a_packed_award_unpacks_as_it_was() -> None:
    awards = tuple(
        MarketAward(
            award_id=f"a{n}", credential=f"c{n % 2}", status=status, evidence=evidence, expires_on=DAY + timedelta(days=n)
        )
        for n, (status, evidence) in enumerate((s, e) for s in AwardStatus for e in Evidence)
    )
    learner = someone(*awards)
    packer = Packer()
    assert packer.unpack("ann", packer.pack(learner)) == learner
    dear = structs.replace(learner, wage_floor=10**30)
    assert packer.unpack("ann", packer.pack(dear)) == dear


@given(
    moves=st.lists(st.tuples(st.integers(0, 59), st.integers(0, 3), st.integers(1, 3)), max_size=150),
    size=st.sampled_from([1, 5, 16, 20]),
)
def test_a_buffer_lists_the_best_as_learners_come_and_go(moves: list[tuple[int, int, int]], size: int) -> None:
    ids = [f"p{(7 * n) % 60:02}" for n in range(60)]
    buffers, qualified = ShortlistBuffers(ids), dict[int, int]()
    buffers.open(0, size)
    for person, score, since in moves:
        key = int(order_keys(np.array(score), since, 3))
        if person in qualified:
            del qualified[person]
            if buffers.with_person(person, np.array([0])):
                buffers.leave(0, person)
        else:
            qualified[person] = key
            buffers.enter(0, person, key)
        if 0 in buffers.short:
            people = np.array(sorted(qualified), np.int64)
            buffers.fill(0, people, np.array([qualified[each] for each in people.tolist()], np.int64))
        expected = sorted(qualified, key=lambda each: (qualified[each], ids[each]))[:size]
        assert buffers.listed(0) == expected
        assert buffers.is_in_any(person) == bool(buffers.with_person(person, np.array([0])))


def test_a_full_board_drops_the_worse_and_says_when_it_runs_short() -> None:
    ids = [f"p{n:03}" for n in range(100)]
    buffers = ShortlistBuffers(ids)
    buffers.open(0, 16)
    assert buffers.width(0) == LEAST_WIDTH
    for person in range(100):
        buffers.enter(0, person, person)
    assert buffers.listed(0) == list(range(16))
    assert not buffers.is_in_any(99)
    for person in range(16):
        buffers.leave(0, person)
    assert buffers.short == {0}


@given(
    first=st.tuples(st.integers(0, FULL), st.dates() | st.none(), st.text(min_size=1)),
    second=st.tuples(st.integers(0, FULL), st.dates() | st.none(), st.text(min_size=1)),
)
def test_order_keys_order_as_the_shortlist_does(
    first: tuple[int, date | None, str], second: tuple[int, date | None, str]
) -> None:
    def engine_key(score: int, since: date | None, learner_id: str) -> tuple[int, str]:
        code = 2**24 if since is None else since.toordinal()
        return int(order_keys(np.array(score), code, FULL)), learner_id

    assert (engine_key(*first) < engine_key(*second)) == (order_key(*first) < order_key(*second))


def test_a_calendar_gives_what_is_due_once() -> None:
    calendar = Calendar()
    calendar.put(3, 10)
    calendar.put(1, 12)
    calendar.put(2, 12)
    calendar.put(9, NEVER)
    calendar.drop(2, 12)
    assert calendar.take(9) == []
    assert sorted(calendar.take(12)) == [1, 3]
    assert calendar.take(99) == []


@pytest.mark.parametrize(
    ("changes", "days"),
    [
        ({"issued_on": DAY + timedelta(days=2), "expires_on": DAY + timedelta(days=9)}, 2),
        ({"issued_on": DAY, "expires_on": DAY + timedelta(days=9)}, 9),
        ({"issued_on": DAY, "expires_on": DAY}, None),
        ({"issued_on": None, "expires_on": DAY + timedelta(days=9)}, None),
        ({"status": AwardStatus.SUSPENDED, "issued_on": DAY + timedelta(days=2)}, None),
        ({"status": AwardStatus.IN_PROGRESS, "expected_on": DAY + timedelta(days=181)}, 1),
        ({"status": AwardStatus.IN_PROGRESS, "expected_on": DAY + timedelta(days=180)}, None),
    ],
)
def test_a_learner_is_due_when_an_award_turns(changes: dict[str, object], days: int | None) -> None:
    plain = {"award_id": "a", "credential": "c", "status": AwardStatus.ACTIVE, "evidence": Evidence.VERIFIED}
    award = MarketAward(**(plain | changes))  # type: ignore[arg-type]
    due = NEVER if days is None else (DAY + timedelta(days=days)).toordinal()
    assert learner_due(someone(award), DAY, 180) == due


def test_a_changed_definition_concerns_the_sets_that_hold_it_before_or_after() -> None:
    whole = MarketCredential("whole", "Whole", "x", composed_of=("a", "b"))
    parts = [MarketCredential(each, each, "x") for each in ("a", "b", "c")]
    old = MarketCatalog.of((), parts)
    skills = SkillSets(old)
    numbers = {name: skills.number(frozenset(name)) for name in ("a", "ab", "c")}
    assert skills.affected(MarketCatalog.of((), [*parts, whole])) == [numbers["ab"]]
    taught = MarketCredential("c", "Another name", "y", confers=(CompetencyLevel("k", 2),))
    new = MarketCatalog.of((), [*parts[:2], taught])
    assert not skills.holders("competency:k@2").any()
    assert skills.affected(new) == [numbers["c"]]
    skills.change_catalog(new, [numbers["c"]])
    assert np.flatnonzero(skills.holders("competency:k@2")).tolist() == [numbers["c"]]
    renamed = MarketCredential("a", "Other", "z", training_weeks=9)
    assert skills.affected(MarketCatalog.of((), [renamed, parts[1], taught])) == []


def someone(*awards: MarketAward) -> MarketLearner:
    return MarketLearner(
        learner_id="ann", provider_id="college", zip="44113", seeking=True, consents_to_matching=True, awards=awards, version=4
    )

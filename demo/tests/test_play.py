"""The moves of the live phase: the same for the same seed, and each possible after those before it."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice

import pytest

from demo.market.cast import Cast, Roster, empty_cast
from demo.market.chance import dice
from demo.market.generated_market import GeneratedMarket
from demo.market.moves import (
    ChangeAward,
    CloseOpening,
    EraseLearner,
    FillPosition,
    Move,
    PublishOpening,
    RecordAward,
    RegisterLearner,
    ReviseOpening,
    SetConsent,
)
from demo.market.play import Play

from .conftest import DAY


def cast_of(market: GeneratedMarket) -> Cast:
    cast = empty_cast()
    for opening in market.openings():
        cast.openings.add(opening.key, opening)
    for learner in market.learners():
        cast.learners.add(learner.key, learner)
    return cast


def moves(market: GeneratedMarket, cast: Cast | None = None) -> Iterator[Move]:
    play = Play(market, cast or cast_of(market))
    while True:
        yield play.next_move(DAY)


def test_the_same_seed_makes_the_same_moves(market: GeneratedMarket) -> None:
    assert list(islice(moves(market), 500)) == list(islice(moves(market), 500))


def test_every_kind_of_move_occurs(market: GeneratedMarket) -> None:
    made = list(islice(moves(market), 2000))
    assert len({type(move) for move in made}) == 10
    assert {move.how for move in made if isinstance(move, ChangeAward)} == {"renew", "suspend", "reinstate", "revoke", "expire"}
    assert {move.consents for move in made if isinstance(move, SetConsent)} == {True, False}


def test_an_empty_cast_fills_itself(market: GeneratedMarket) -> None:
    made = Counter(type(move) for move in islice(moves(market, empty_cast()), 500))
    assert made[PublishOpening] > 0
    assert made[RegisterLearner] > 0
    assert made[RecordAward] > 0


def test_openings_end_once_and_are_not_touched_after(market: GeneratedMarket) -> None:
    filled = {opening.key: opening.filled for opening in market.openings()}
    positions = {opening.key: opening.positions for opening in market.openings()}
    closed: set[str] = set()
    for move in islice(moves(market), 3000):
        match move:
            case PublishOpening(opening):
                filled[opening.key], positions[opening.key] = opening.filled, opening.positions
            case ReviseOpening(opening):
                assert opening.key not in closed
                assert opening.filled == filled[opening.key]
                positions[opening.key] = opening.positions
            case FillPosition(opening):
                assert opening.key not in closed
                filled[opening.key] += 1
                assert filled[opening.key] <= positions[opening.key]
            case CloseOpening(opening):
                assert opening.key not in closed
                assert filled[opening.key] < positions[opening.key]
                closed.add(opening.key)


def test_awards_change_only_as_their_state_allows(market: GeneratedMarket) -> None:
    status = {award.key: award.status for learner in market.learners() for award in learner.awards}
    allowed = {"renew": "active", "suspend": "active", "reinstate": "suspended", "revoke": "active", "expire": "active"}
    erased: set[str] = set()
    for move in islice(moves(market), 3000):
        match move:
            case RegisterLearner(learner):
                status |= {award.key: award.status for award in learner.awards}
            case RecordAward(learner, award):
                assert learner.key not in erased
                status[award.key] = award.status
            case ChangeAward(learner, award, how):
                assert learner.key not in erased
                assert status[award.key] == allowed[how]
                assert how != "expire" or award.expires_on == DAY
                status[award.key] = award.status
            case EraseLearner(learner):
                assert learner.key not in erased
                erased.add(learner.key)


def test_the_market_keeps_its_size(market: GeneratedMarket) -> None:
    cast = cast_of(market)
    openings, learners = len(cast.openings), len(cast.learners)
    list(islice(moves(market, cast), 2000))
    assert 0.5 * openings < len(cast.openings) < 2 * openings
    assert 0.8 * learners < len(cast.learners) < 1.5 * learners


def test_a_full_roster_takes_no_more() -> None:
    roster: Roster[str] = Roster(most=2)
    for key in ("a", "b", "c"):
        roster.add(key, key)
    assert sorted(roster) == ["a", "b"]


@pytest.mark.parametrize("gone", ["a", "b", "c"])
def test_a_removed_player_is_never_drawn(gone: str) -> None:
    roster: Roster[str] = Roster()
    for key in ("a", "b", "c"):
        roster.add(key, key)
    roster.remove(gone)
    rng = dice(1, "draw")
    drawn = {roster.draw(rng, lambda _one: True) for _ in range(100)}
    assert drawn == {"a", "b", "c"} - {gone}
    assert roster.draw(rng, lambda one: one == gone) is None

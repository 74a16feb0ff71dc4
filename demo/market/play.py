"""An endless seeded stream of market moves, each fit to what happened before."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from random import Random

from demo.market.award_changes import AWARD_CHANGES
from demo.market.cast import Cast
from demo.market.chance import days_from, dice, weighted
from demo.market.drafts import LearnerDraft, OpeningDraft
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

MOST_AWARDS = 12


class Play:
    """The n-th move follows from the plan's seed, the cast, and the days of the moves before it.

    Kinds are drawn as often as they are weighted, about as many things coming as going; one that nobody is fit for is
    drawn again.
    """

    def __init__(self, market: GeneratedMarket, cast: Cast) -> None:
        self._market = market
        self._cast = cast
        self._rng = dice(market.plan.seed, "play")
        self._openings_come = market.plan.openings
        self._learners_come = market.plan.learners
        self._awards_come = 0
        self._kinds: dict[Callable[[date], Move | None], float] = {
            self._publish_opening: 14,
            self._revise_opening: 8,
            self._fill_position: 12,
            self._close_opening: 5,
            self._register_learner: 12,
            self._record_award: 20,
            partial(self._change_award, "renew"): 6,
            partial(self._change_award, "suspend"): 4,
            partial(self._change_award, "reinstate"): 3,
            partial(self._change_award, "revoke"): 4,
            partial(self._change_award, "expire"): 4,
            partial(self._set_consent, False): 3,
            partial(self._set_consent, True): 2,
            self._move_learner: 5,
            self._erase_learner: 3,
        }

    def next_move(self, day: date) -> Move:
        """The next move; the cast is as after it."""
        while True:
            move = weighted(self._rng, self._kinds)(day)
            if move is not None:
                return move

    def _publish_opening(self, day: date) -> Move:
        opening = self._market.demand.another_opening(self._openings_come, day)
        self._openings_come += 1
        self._cast.openings.add(opening.key, opening)
        return PublishOpening(opening)

    def _revise_opening(self, day: date) -> Move | None:
        opening = self._draw_opening(day)
        if opening is None:
            return None
        revised = _revised(self._rng, opening, day)
        self._cast.openings.update(opening.key, revised)
        return ReviseOpening(revised)

    def _fill_position(self, day: date) -> Move | None:
        opening = self._draw_opening(day)
        if opening is None:
            return None
        self._cast.fill(opening, 1)
        return FillPosition(opening)

    def _close_opening(self, day: date) -> Move | None:
        opening = self._draw_opening(day)
        if opening is None:
            return None
        self._cast.openings.remove(opening.key)
        return CloseOpening(opening)

    def _register_learner(self, day: date) -> Move:
        learner = self._market.supply.another_learner(self._learners_come, day)
        self._learners_come += 1
        self._cast.learners.add(learner.key, learner)
        return RegisterLearner(learner)

    def _record_award(self, day: date) -> Move | None:
        learner = self._draw_learner(lambda one: len(one.awards) < MOST_AWARDS)
        if learner is None:
            return None
        self._awards_come += 1
        key = f"{learner.key}-later-{self._awards_come}"
        award = self._market.supply.another_award(self._rng, key, learner.region, day)
        self._cast.add_award(learner, award)
        return RecordAward(learner, award)

    def _change_award(self, how: str, day: date) -> Move | None:
        change = AWARD_CHANGES[how]
        learner = self._draw_learner(lambda one: any(change.fits(award, day) for award in one.awards))
        if learner is None:
            return None
        award = self._rng.choice([award for award in learner.awards if change.fits(award, day)])
        changed = change.changed(award, day)
        self._cast.change_award(learner, changed)
        return ChangeAward(learner, changed, how)

    def _set_consent(self, consents: bool, _day: date) -> Move | None:
        learner = self._draw_learner(lambda one: one.consents is not consents)
        if learner is None:
            return None
        self._cast.learners.update(learner.key, replace(learner, consents=consents))
        return SetConsent(learner, consents)

    def _move_learner(self, _day: date) -> Move | None:
        learner = self._draw_learner(lambda _one: True)
        if learner is None:
            return None
        plan = self._market.plan
        code = learner.region if self._rng.random() < 0.7 else self._rng.choice(plan.regions)
        zip_code = self._rng.choice(self._market.atlas.region(code).zips)
        self._cast.learners.update(learner.key, replace(learner, zip=zip_code, region=code))
        return MoveLearner(learner, zip_code)

    def _erase_learner(self, _day: date) -> Move | None:
        learner = self._draw_learner(lambda _one: True)
        if learner is None:
            return None
        self._cast.learners.remove(learner.key)
        return EraseLearner(learner)

    def _draw_learner(self, fits: Callable[[LearnerDraft], bool]) -> LearnerDraft | None:
        return self._cast.learners.draw(self._rng, fits)

    def _draw_opening(self, day: date) -> OpeningDraft | None:
        """One that is live on `day`."""
        return self._cast.openings.draw(self._rng, lambda one: one.closes_on is None or one.closes_on >= day)


def _revised(rng: Random, opening: OpeningDraft, day: date) -> OpeningDraft:
    """Better pay, more positions, more time, or one wish less."""
    options = [group for group in opening.groups if group.necessity == "preferred"]
    how = weighted(rng, {"pay": 4, "positions": 2, "time": 2, "wish": 2 if options else 0})
    if how == "pay" and opening.wage_max is not None:
        return replace(opening, wage_max=opening.wage_max + 25 * rng.randint(2, 10))
    if how == "wish":
        dropped = rng.choice(options)
        return replace(opening, groups=tuple(group for group in opening.groups if group is not dropped))
    if how == "time":
        return replace(opening, closes_on=days_from(day, rng, 14, 90), start_by=None)
    return replace(opening, positions=opening.positions + rng.randint(1, 3))

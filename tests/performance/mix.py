"""What happens in a measured market: learner events and opening events in fixed shares, deterministic, never-ending."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from demo.market.drafts import AwardDraft, LearnerDraft, OpeningDraft
from demo.market.generated_market import GeneratedMarket

#: Of a hundred learner events.
LEARNER_SHARES = {
    "registers": 10,
    "begins or ends the search": 35,
    "earns a credential": 25,
    "an award changes": 20,
    "changes wage, shifts or reach": 10,
}
#: Of a hundred opening events.
OPENING_SHARES = {"published": 40, "revised": 30, "position filled": 20, "closed": 10}
_CHANGED_AWARD = {
    "active": ("suspended", "revoked"),
    "suspended": ("active",),
    "in_progress": ("active",),
    "revoked": ("active",),
}


@dataclass(frozen=True, slots=True)
class LearnerEvent:
    """`kind` as on `learners.learner.v1`; the draft is what the learner is from now on."""

    kind: str
    draft: LearnerDraft
    version: int


@dataclass(frozen=True, slots=True)
class OpeningEvent:
    draft: OpeningDraft
    version: int
    status: str = "open"


class LearnerMix:
    """Moves learners of `players`, who are at version 1; those who register are new."""

    def __init__(self, market: GeneratedMarket, players: Sequence[LearnerDraft], seed: int = 1) -> None:
        self._market = market
        self._players = list(players)
        self._versions = [1] * len(self._players)
        self._rng = Random(seed)
        self._day = market.plan.day
        self._new = 0

    def events(self) -> Iterator[LearnerEvent]:
        steps = (None, self._search, self._earn, self._award, self._profile)
        weights = tuple(LEARNER_SHARES.values())
        while True:
            step = self._rng.choices(steps, weights)[0]
            if step is None:
                yield self._register()
                continue
            place = self._rng.randrange(len(self._players))
            kind, draft = step(self._players[place])
            self._players[place] = draft
            self._versions[place] += 1
            yield LearnerEvent(kind, draft, self._versions[place])

    def _register(self) -> LearnerEvent:
        draft = self._market.supply.another_learner(self._market.plan.learners + self._new, self._day)
        self._new += 1
        self._players.append(draft)
        self._versions.append(1)
        return LearnerEvent("LearnerRegistered", draft, 1)

    def _search(self, draft: LearnerDraft) -> tuple[str, LearnerDraft]:
        since = None if draft.seeking else self._day
        return "AvailabilityChanged", replace(draft, seeking=not draft.seeking, seeking_since=since)

    def _earn(self, draft: LearnerDraft) -> tuple[str, LearnerDraft]:
        key = f"{draft.key}-e{self._rng.getrandbits(48):012x}"
        award = self._market.supply.another_award(self._rng, key, draft.region, self._day)
        return "AwardRecorded", replace(draft, awards=(*draft.awards[-11:], award))

    def _award(self, draft: LearnerDraft) -> tuple[str, LearnerDraft]:
        if not draft.awards:
            return self._earn(draft)
        at = self._rng.randrange(len(draft.awards))
        changed = self._changed(draft.awards[at])
        return "AwardCorrected", replace(draft, awards=(*draft.awards[:at], changed, *draft.awards[at + 1 :]))

    def _changed(self, award: AwardDraft) -> AwardDraft:
        """Suspended, revoked, reinstated, completed, or renewed."""
        status = self._rng.choice(_CHANGED_AWARD[award.status])
        if award.status == "in_progress":
            return replace(award, status=status, issued_on=self._day, expected_on=None)
        if award.expires_on is not None and self._rng.random() < 0.3:
            return replace(award, expires_on=_later(award.expires_on, self._day))
        return replace(award, status=status)

    def _profile(self, draft: LearnerDraft) -> tuple[str, LearnerDraft]:
        what = self._rng.randrange(3)
        if what == 0:
            return "LearnerRevised", replace(draft, wage_floor=25 * self._rng.randrange(60, 160))
        if what == 1:
            return "LearnerRevised", replace(draft, shifts=("day",) if draft.shifts != ("day",) else ())
        return "LearnerRevised", replace(draft, reach_km=self._rng.choice((20, 30, 40, 50)))


class OpeningMix:
    """Moves openings of `players`, who are at version 1; those published are new, those closed are done."""

    def __init__(self, market: GeneratedMarket, players: Sequence[OpeningDraft], seed: int = 1) -> None:
        self._market = market
        self._players = [(draft, 1) for draft in players]
        self._rng = Random(seed)
        self._new = 0

    def events(self) -> Iterator[OpeningEvent]:
        steps = (self._publish, self._revise, self._fill, self._close)
        weights = tuple(OPENING_SHARES.values())
        while True:
            yield self._rng.choices(steps, weights)[0]()

    def _publish(self) -> OpeningEvent:
        """On site: what is done from anywhere belongs to another region."""
        plan = self._market.plan
        while True:
            draft = self._market.demand.another_opening(plan.openings + self._new, plan.day)
            self._new += 1
            if not draft.remote:
                self._players.append((draft, 1))
                return OpeningEvent(draft, 1)

    def _revise(self) -> OpeningEvent:
        def revised(draft: OpeningDraft) -> OpeningDraft:
            if self._rng.random() < 0.5 and draft.groups:
                return replace(draft, groups=draft.groups[:-1] if len(draft.groups) > 2 else draft.groups)
            return replace(draft, wage_max=None if draft.wage_max is None else draft.wage_max + 25)

        return self._changed(revised)

    def _fill(self) -> OpeningEvent:
        return self._changed(lambda draft: replace(draft, filled=min(draft.positions, draft.filled + 1)))

    def _close(self) -> OpeningEvent:
        at = self._rng.randrange(len(self._players))
        draft, version = self._players[at]
        self._players[at] = self._players[-1]
        self._players.pop()
        return OpeningEvent(draft, version + 1, "closed")

    def _changed(self, change: Callable[[OpeningDraft], OpeningDraft]) -> OpeningEvent:
        at = self._rng.randrange(len(self._players))
        draft, version = self._players[at]
        self._players[at] = (change(draft), version + 1)
        return OpeningEvent(*self._players[at])


def _later(day: date, today: date) -> date:
    return max(day, today) + timedelta(days=365)

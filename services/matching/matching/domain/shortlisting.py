"""From shortlists to the events of matches (MARKET.md sections 9 and 10)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from matching.domain.engine.region_engine import RegionEngine
from matching.domain.gates import first_failing_gate
from matching.domain.groups import ask
from matching.domain.learner_register import LearnerRegister
from matching.domain.market import Opening
from matching.domain.matchbook import MatchBook, Pair
from matching.domain.pairing import groups_digest, match_basis, match_facts, meets_required
from matching.domain.profile import Profile, Rules, profile_of
from matching.domain.records import MatchChange, MatchKind, MatchRecord, WithdrawalReason
from matching.domain.register import Register
from matching.domain.withdrawal import PairNow, withdrawal_reason


@dataclass(frozen=True, slots=True)
class Shortlisting:
    """Brings the live matches of a region in line with its shortlists."""

    openings: Register[Opening]
    learners: LearnerRegister
    engine: RegionEngine
    matches: MatchBook
    rules: Rules
    profiles: dict[str, Profile] = field(default_factory=dict)

    def settle(self, everyone: bool) -> tuple[MatchChange, ...]:
        """The events that make the live matches equal the shortlists, by opening and learner id.

        `everyone`: all listed pairs may say something else now, not only those of moved openings and learners.
        """
        opening_ids = self._everywhere() if everyone else self._reordered()
        changes = [change for opening_id in opening_ids for change in self._settle_opening(opening_id, everyone)]
        changes += [change for pair in self._kept(opening_ids) for change in self._settle_pair(pair)]
        self.engine.boards.reordered.clear()
        return tuple(sorted(changes, key=lambda change: (change.record.opening_id, change.record.learner_id)))

    def _everywhere(self) -> set[str]:
        return self.matches.openings().union(self.engine.openings.slots)

    def _reordered(self) -> set[str]:
        engine = self.engine
        return engine.moved_openings.union(engine.openings.opening(slot).opening_id for slot in engine.boards.reordered)

    def _kept(self, but: set[str]) -> Iterator[Pair]:
        """The pairs of moved learners on shortlists that have not changed."""
        for learner_id in self.engine.moved_learners:
            yield from ((opening_id, learner_id) for opening_id in self.matches.openings_with(learner_id) - but)

    def _settle_pair(self, pair: Pair) -> Iterator[MatchChange]:
        return self._enter(self.engine.openings.slots[pair[0]], pair[1], self.matches.live_of(pair[0])[pair[1]])

    def _settle_opening(self, opening_id: str, everyone: bool) -> Iterator[MatchChange]:
        slot, live = self.engine.openings.slots.get(opening_id), dict(self.matches.live_of(opening_id))
        listed = [] if slot is None else self.engine.listed(slot)
        for learner_id in live.keys() - set(listed):
            yield self._withdraw(live[learner_id])
        if slot is None:
            return
        asked = groups_digest(self.engine.openings.opening(slot).groups)
        for learner_id in listed:
            last = live.get(learner_id)
            if last is None or everyone or learner_id in self.engine.moved_learners or last.basis.groups_digest != asked:
                yield from self._enter(slot, learner_id, last)

    def _enter(self, slot: int, learner_id: str, last: MatchRecord | None) -> Iterator[MatchChange]:
        opening, profile = self.engine.openings.opening(slot), self._profile(learner_id)
        facts = match_facts(self.engine.openings.asked[slot], profile, self.rules)
        if last is not None and last.facts == facts:
            return
        record = self.matches.enter((opening.opening_id, learner_id), facts, match_basis(opening, profile))
        yield self._change(MatchKind.PROPOSED if last is None else MatchKind.REVISED, record)

    def _withdraw(self, last: MatchRecord) -> MatchChange:
        reason = withdrawal_reason(last.basis, self._pair_now(last), self.rules.day)
        return self._change(MatchKind.WITHDRAWN, self.matches.leave(last), reason)

    def _pair_now(self, record: MatchRecord) -> PairNow:
        opening = self.openings.get(record.opening_id)
        learner = self.learners.get(record.learner_id)
        erased = self.learners.is_erased(record.learner_id)
        if opening is None or learner is None:
            return PairNow(opening, learner, erased, gate=None, unmet=False)
        if self.engine.qualifies(record.learner_id, record.opening_id):
            return PairNow(opening, learner, erased, gate=None, unmet=False)
        gate = first_failing_gate(opening, learner, self.rules.places)
        unmet = not meets_required(ask(opening.groups), self._profile(learner.learner_id))
        return PairNow(opening, learner, erased, gate, unmet)

    def _profile(self, learner_id: str) -> Profile:
        if (known := self.profiles.get(learner_id)) is not None:
            return known
        learner = self.learners.get(learner_id)
        assert learner is not None
        profile = self.profiles[learner_id] = profile_of(learner, self.rules)
        return profile

    def _change(self, kind: MatchKind, record: MatchRecord, reason: WithdrawalReason | None = None) -> MatchChange:
        return MatchChange(
            kind=kind,
            reason=reason,
            record=record,
            opening_version=self.openings.version(record.opening_id) or None,
            learner_version=self.learners.version(record.learner_id) or None,
            policy_version=self.rules.policy.version,
            day=self.rules.day,
        )

"""From shortlists to the events of matches (MARKET.md sections 9 and 10)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from msgspec import structs

from matching.domain.engine.region_engine import RegionEngine
from matching.domain.market.subjects import MarketLearner, MarketOpening
from matching.domain.region.learner_versions import LearnerVersions
from matching.domain.region.match_versions import MatchVersions, Pair, facts_digest
from matching.domain.region.subject_versions import SubjectVersions
from matching.domain.rules.digests import awards_digest
from matching.domain.rules.gates import first_failing_gate
from matching.domain.rules.groups import AskedGroups, ask
from matching.domain.rules.matches import MatchBasis, MatchChange, MatchFacts, MatchKind, MatchRecord, WithdrawalReason
from matching.domain.rules.pairing import match_facts, unmet_required
from matching.domain.rules.profile import MatchingProfile, Rules, profile_of
from matching.domain.rules.withdrawal import UNMET_REASONS, PairNow, failed_gate, withdrawal_reason


@dataclass(frozen=True, slots=True)
class ListedLearner:
    """A listed learner with the `digest` of the awards in force; `facts` are kept by the digest of what an opening asks for."""

    profile: MatchingProfile
    digest: str
    facts: dict[str, tuple[MatchFacts, bytes]] = field(default_factory=dict)

    def facts_for(self, asked: AskedGroups, rules: Rules) -> tuple[MatchFacts, bytes]:
        """What a match with an opening that asks for this states, and the digest of it."""
        known = self.facts.get(asked.digest)
        if known is None:
            facts = match_facts(asked, self.profile, rules)
            known = self.facts[asked.digest] = (facts, facts_digest(facts))
        return known


@dataclass(frozen=True, slots=True)
class Shortlisting:
    """Brings the live matches of a region in line with its shortlists."""

    openings: SubjectVersions[MarketOpening]
    learners: LearnerVersions
    engine: RegionEngine
    matches: MatchVersions
    rules: Rules
    candidates: dict[str, ListedLearner] = field(default_factory=dict)
    people: dict[str, MarketLearner | None] = field(default_factory=dict)

    def settle(self, everyone: bool) -> tuple[MatchChange, ...]:
        """The events that make the live matches equal the shortlists, by opening and learner id.

        With `everyone`, the facts of all listed pairs may have changed, not only those of moved openings and learners.
        """
        opening_ids = self._everywhere() if everyone else self._reordered()
        changes = [change for opening_id in opening_ids for change in self._settle_opening(opening_id, everyone)]
        changes += [change for pair in self._kept(opening_ids) for change in self._enter(pair)]
        self.engine.buffers.reordered.clear()
        return tuple(sorted(changes, key=lambda change: (change.record.opening_id, change.record.learner_id)))

    def _everywhere(self) -> set[str]:
        return self.matches.openings().union(self.engine.openings.slots)

    def _reordered(self) -> set[str]:
        engine = self.engine
        return engine.moved_openings.union(engine.openings.opening(slot).opening_id for slot in engine.buffers.reordered)

    def _kept(self, but: set[str]) -> Iterator[Pair]:
        """The pairs of moved learners on shortlists that have not changed."""
        for slot, learner_id in self.engine.stayed:
            opening_id = self.engine.openings.opening(slot).opening_id
            if opening_id not in but and learner_id in self.matches.live_of(opening_id):
                yield (opening_id, learner_id)

    def _settle_opening(self, opening_id: str, everyone: bool) -> Iterator[MatchChange]:
        slot, live = self.engine.openings.slots.get(opening_id), set(self.matches.live_of(opening_id))
        listed = [] if slot is None else self.engine.listed(slot)
        for learner_id in live.difference(listed):
            yield self._withdraw((opening_id, learner_id))
        everyone = everyone or opening_id in self.engine.regrouped
        for learner_id in listed:
            if everyone or learner_id not in live or learner_id in self.engine.moved_learners:
                yield from self._enter((opening_id, learner_id))

    def _enter(self, pair: Pair) -> Iterator[MatchChange]:
        slot, candidate = self.engine.openings.slots[pair[0]], self._candidate(pair[1])
        asked, kept = self.engine.openings.asked[slot], self.matches.kept(pair)
        facts, digest = candidate.facts_for(asked, self.rules)
        if kept is None or kept.facts != digest:
            basis = MatchBasis(self.engine.openings.opening(slot).version, asked.digest, candidate.digest)
            record = self.matches.enter(pair, facts, digest, basis)
            yield self._change(MatchKind.PROPOSED if kept is None else MatchKind.REVISED, record)

    def _withdraw(self, pair: Pair) -> MatchChange:
        kept = self.matches.kept(pair)
        assert kept is not None
        now = self._pair_now(pair)
        reason = withdrawal_reason(kept.basis, now, self.rules.day)
        return structs.replace(
            self._change(MatchKind.WITHDRAWN, self.matches.leave(pair), reason),
            gate=failed_gate(now, reason),
            unmet=now.unmet if reason in UNMET_REASONS else (),
        )

    def _pair_now(self, pair: Pair) -> PairNow:
        opening, learner = self.openings.get(pair[0]), self._learner(pair[1])
        erased = self.learners.is_erased(pair[1])
        if opening is None or learner is None:
            return PairNow(opening, learner, erased, gate=None, unmet=())
        if self.engine.qualifies(pair[1], pair[0]):
            return PairNow(opening, learner, erased, gate=None, unmet=())
        gate = first_failing_gate(opening, learner, self.rules.places)
        unmet = () if gate else unmet_required(ask(opening.groups), self._candidate(pair[1]).profile)
        return PairNow(opening, learner, erased, gate, unmet)

    def _candidate(self, learner_id: str) -> ListedLearner:
        if (known := self.candidates.get(learner_id)) is not None:
            return known
        learner = self._learner(learner_id)
        assert learner is not None
        profile = profile_of(learner, self.rules)
        candidate = self.candidates[learner_id] = ListedLearner(profile, awards_digest(profile.held.awards))
        return candidate

    def _learner(self, learner_id: str) -> MarketLearner | None:
        if learner_id not in self.people:
            self.people[learner_id] = self.learners.get(learner_id)
        return self.people[learner_id]

    def _change(self, kind: MatchKind, record: MatchRecord, reason: WithdrawalReason | None = None) -> MatchChange:
        return MatchChange(
            kind=kind,
            reason=reason,
            record=record,
            opening_version=self.openings.version(record.opening_id) or None,
            learner_version=self.learners.version(record.learner_id) or None,
            policy_version=self.rules.policy.version,
            day=self.rules.day,
            opening=self.openings.get(record.opening_id),
            learner=self._learner(record.learner_id),
        )

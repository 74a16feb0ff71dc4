"""From shortlists to the events of matches (MARKET.md sections 9 and 10)."""

from collections.abc import Iterator
from dataclasses import dataclass

from matching.domain.board import Board
from matching.domain.gates import first_failing_gate
from matching.domain.groups import ask
from matching.domain.matchbook import MatchBook
from matching.domain.pairing import match_basis, match_facts, meets_required
from matching.domain.profile import Rules
from matching.domain.records import MatchChange, MatchKind, MatchRecord, WithdrawalReason
from matching.domain.register import Subjects
from matching.domain.standings import Standings
from matching.domain.withdrawal import PairNow, withdrawal_reason


@dataclass(frozen=True, slots=True)
class Shortlisting:
    """Brings the live matches of a region in line with its shortlists."""

    subjects: Subjects
    standings: Standings
    matches: MatchBook
    rules: Rules

    def settle(self, everyone: bool) -> tuple[MatchChange, ...]:
        """The events that make the live matches equal the shortlists, by opening and learner id.

        `everyone`: all listed pairs may say something else now, not only those of touched openings and learners.
        """
        opening_ids = self._everywhere() if everyone else self._touched()
        changes = [change for opening_id in opening_ids for change in self._settle_opening(opening_id, everyone)]
        return tuple(sorted(changes, key=lambda change: (change.record.opening_id, change.record.learner_id)))

    def _everywhere(self) -> set[str]:
        return self.matches.openings().union(self.standings.boards)

    def _touched(self) -> set[str]:
        held = (self.matches.openings_with(learner_id) for learner_id in self.subjects.learners.touched)
        return self.standings.reordered().union(self.subjects.openings.touched, *held)

    def _settle_opening(self, opening_id: str, everyone: bool) -> Iterator[MatchChange]:
        board, live = self.standings.boards.get(opening_id), dict(self.matches.live_of(opening_id))
        listed = board.listed() if board is not None else []
        for learner_id in live.keys() - set(listed):
            yield self._withdraw(live[learner_id])
        if board is None:
            return
        board.reordered = False
        everyone = everyone or opening_id in self.subjects.openings.touched
        for learner_id in listed:
            last = live.get(learner_id)
            if last is None or everyone or learner_id in self.subjects.learners.touched:
                yield from self._enter(board, learner_id, last)

    def _enter(self, board: Board, learner_id: str, last: MatchRecord | None) -> Iterator[MatchChange]:
        profile = self.standings.profiles[learner_id]
        facts = match_facts(board.asked, profile, self.rules)
        if last is not None and last.facts == facts:
            return
        pair = (board.opening.opening_id, learner_id)
        record = self.matches.enter(pair, facts, match_basis(board.opening, profile))
        yield self._change(MatchKind.PROPOSED if last is None else MatchKind.REVISED, record)

    def _withdraw(self, last: MatchRecord) -> MatchChange:
        reason = withdrawal_reason(last.basis, self._pair_now(last), self.rules.day)
        return self._change(MatchKind.WITHDRAWN, self.matches.leave(last), reason)

    def _pair_now(self, record: MatchRecord) -> PairNow:
        opening = self.subjects.openings.get(record.opening_id)
        learner = self.subjects.learners.get(record.learner_id)
        erased = self.subjects.learners.is_erased(record.learner_id)
        if opening is None or learner is None:
            return PairNow(opening, learner, erased, gate=None, unmet=False)
        gate = first_failing_gate(opening, learner, self.rules.places)
        board = self.standings.boards.get(record.opening_id)
        asked = board.asked if board is not None else ask(opening.groups)
        unmet = not meets_required(asked, self.standings.profiles[learner.learner_id])
        return PairNow(opening, learner, erased, gate, unmet)

    def _change(self, kind: MatchKind, record: MatchRecord, reason: WithdrawalReason | None = None) -> MatchChange:
        return MatchChange(
            kind=kind,
            reason=reason,
            record=record,
            opening_version=self.subjects.openings.version(record.opening_id) or None,
            learner_version=self.subjects.learners.version(record.learner_id) or None,
            policy_version=self.rules.policy.version,
            day=self.rules.day,
        )

"""Where every learner of a region stands with every live opening, and the counts that follow (MARKET.md 7, 12)."""

from collections.abc import Mapping

from matching.domain.board import Board
from matching.domain.ledger import CellLedger, seats_of
from matching.domain.profile import Profile, Rules, profile_of
from matching.domain.register import Subjects


class Standings:
    """Profiles by learner, boards by live opening, and the ledger of the cells, kept in step with the subjects."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._forget()

    def _forget(self) -> None:
        self.profiles: dict[str, Profile] = {}
        self.boards: dict[str, Board] = {}
        self.ledger = CellLedger(self._region)
        self._seats: dict[str, Mapping[str, int]] = {}

    def rebuild(self, subjects: Subjects, rules: Rules) -> None:
        """Count everything again, as when the day, the catalog or the policy changed."""
        self._forget()
        for learner in subjects.learners.subjects():
            self._profile(learner.learner_id, subjects, rules)
        for cohort in subjects.cohorts.subjects():
            self._seat(cohort.cohort_id, subjects, rules)
        for opening in subjects.openings.subjects():
            self._open(opening.opening_id, subjects, rules)

    def update(self, subjects: Subjects, rules: Rules) -> None:
        """Count what was touched again."""
        for learner_id in subjects.learners.touched:
            self._profile(learner_id, subjects, rules)
        for cohort_id in subjects.cohorts.touched:
            self._seat(cohort_id, subjects, rules)
        for opening_id in subjects.openings.touched:
            self._close(opening_id)
        self._place(subjects.learners.touched, rules)
        for opening_id in subjects.openings.touched:
            self._open(opening_id, subjects, rules)

    def reordered(self) -> set[str]:
        """The openings whose shortlists changed since they were settled."""
        return {opening_id for opening_id, board in self.boards.items() if board.reordered}

    def _profile(self, learner_id: str, subjects: Subjects, rules: Rules) -> None:
        old, learner = self.profiles.pop(learner_id, None), subjects.learners.get(learner_id)
        new = profile_of(learner, rules) if learner is not None else None
        if new is not None:
            self.profiles[learner_id] = new
        self.ledger.replace_profile(old, new)

    def _seat(self, cohort_id: str, subjects: Subjects, rules: Rules) -> None:
        cohort = subjects.cohorts.get(cohort_id)
        new = seats_of(cohort, rules) if cohort is not None else {}
        self.ledger.replace_seats(self._seats.get(cohort_id, {}), new)
        self._seats[cohort_id] = new

    def _close(self, opening_id: str) -> None:
        if (board := self.boards.pop(opening_id, None)) is not None:
            self.ledger.replace_blocked(board.blocked, {})
            self.ledger.drop_opening(board.opening, board.demand)

    def _open(self, opening_id: str, subjects: Subjects, rules: Rules) -> None:
        opening = subjects.openings.get(opening_id)
        if opening is None or not opening.live_on(rules.day):
            return
        board = self.boards[opening_id] = Board(opening, rules)
        for profile in self.profiles.values():
            board.place(profile, rules)
        self.ledger.add_opening(opening, board.demand)
        self._count_blocked(board)

    def _place(self, learner_ids: set[str], rules: Rules) -> None:
        profiles = [(learner_id, self.profiles.get(learner_id)) for learner_id in learner_ids]
        for board in self.boards.values():
            moved = [
                board.place(profile, rules) if profile is not None else board.remove(learner_id)
                for learner_id, profile in profiles
            ]
            if any(moved):
                self._count_blocked(board)

    def _count_blocked(self, board: Board) -> None:
        before = board.blocked
        self.ledger.replace_blocked(before, board.count_blocked())

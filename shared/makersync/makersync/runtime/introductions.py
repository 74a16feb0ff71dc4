"""Introductions that wait for an answer in a service through which they pass."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class WaitingIntroductions:
    """How many wait for an answer; when the oldest was asked for, and by when the earliest is to be answered."""

    count: int
    oldest: datetime | None
    answer_by: date | None

    def days_overdue(self, today: date) -> int:
        """Since the earliest was to be answered or to lapse."""
        return 0 if self.answer_by is None else max((today - self.answer_by).days, 0)

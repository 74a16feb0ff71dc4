"""A preview: what an employer asks of a draft, and the counts that answer it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from openings.domain.opening import Group
from openings.domain.reach import OpeningReach


class PreviewStatus(StrEnum):
    """Whether the counts of a preview are there."""

    PENDING = "pending"
    ANSWERED = "answered"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class PreviewLimits:
    """How many previews an employer may ask for in 24 hours, and how long one waits for its counts."""

    a_day: int
    wait: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """`groups` are those of the draft, in its order. `reach` is there once it is answered."""

    preview_id: str
    employer_id: str
    region: str
    asked_at: datetime
    groups: tuple[Group, ...]
    status: PreviewStatus = PreviewStatus.PENDING
    reach: OpeningReach | None = None

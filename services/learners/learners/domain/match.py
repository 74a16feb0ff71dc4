"""A match of one of this service's learners, as the matching service published it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LearnerMatch:
    opening_id: str
    region: str
    live: bool
    score: int | None
    reason: str | None
    version: int

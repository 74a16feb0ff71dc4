"""The service's activity in answers."""

from pydantic import BaseModel


class LearnerFigures(BaseModel):
    seeking: int
    not_seeking: int


class SignalFigures(BaseModel):
    """`by_level` counts the cells as they are now, `totals` every signal that ever came."""

    by_level: dict[str, int]
    totals: dict[str, int]


class LearnersActivity(BaseModel):
    learners: LearnerFigures
    awards: dict[str, int]
    signals: SignalFigures

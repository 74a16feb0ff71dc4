"""Pathways in answers."""

from datetime import datetime

from pydantic import BaseModel, Field


class PathwayStepView(BaseModel):
    credential: str
    unlocked: int = Field(description="Positions that it alone would unlock, in all regions within reach.")
    training_weeks: int | None = Field(description="Null when unknown.")
    regions: dict[str, int] = Field(description="The positions of each region.")


class PathwayView(BaseModel):
    """At most five credentials: more positions first, then shorter training."""

    credentials: list[PathwayStepView]
    as_of: datetime | None = Field(description="When it was true: the oldest of the regions; null when nothing was told yet.")


class CredentialReachView(BaseModel):
    credential: str
    learners: int = Field(description="One's learners who are one credential away, through this one.")
    positions: int = Field(description="At least so many positions: of each region the most that it opens to one learner.")
    unlocked: int = Field(description="Added up over the learners: a position open to two of them counts twice.")


class LearnerReachView(BaseModel):
    learner_id: str
    unlocked: int = Field(description="Positions that the credential would unlock for the learner.")

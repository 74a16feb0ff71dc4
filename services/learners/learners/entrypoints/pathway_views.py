"""Pathways in answers."""

from datetime import datetime

from pydantic import BaseModel, Field

from learners.entrypoints.ids import CredentialId, LearnerId


class PathwayStepView(BaseModel):
    """A credential that the learner lacks, and the work that it alone would open."""

    credential: CredentialId
    unlocked: int = Field(
        description="Open positions for which the learner would be qualified with it, in all regions of the reach together "
        "(MARKET.md section 11).",
        examples=[7],
    )
    training_weeks: int | None = Field(
        description="How long the training usually takes, in weeks, as the catalog has it; null: unknown.", examples=[16]
    )
    regions: dict[str, int] = Field(description="The same positions by the id of their labour market.", examples=[{"45780": 7}])


class PathwayView(BaseModel):
    """The credentials that the learner is one away from work with."""

    credentials: list[PathwayStepView] = Field(
        description="At most five: more positions first, then shorter training, unknown last, then by id. Empty: none is known."
    )
    as_of: datetime | None = Field(
        description="UTC instant at which all of it was true: the oldest of its regions' instants, usually within the hour. "
        "Null: no region has published anything for the learner.",
        examples=["2026-11-22T08:40:00Z"],
    )


class CredentialReachView(BaseModel):
    """What one credential would do for the provider's learners."""

    credential: CredentialId
    learners: int = Field(description="Learners of the provider who lack only this one for some opening.", examples=[4])
    positions: int = Field(
        description="A lower bound of the different positions that it would open: of each region the most that are open to "
        "one of the learners, added up.",
        examples=[7],
    )
    unlocked: int = Field(
        description="The positions of each learner added up: one that would be open to two learners counts twice.",
        examples=[19],
    )


class LearnerReachView(BaseModel):
    """A learner who lacks only the credential for some opening."""

    learner_id: LearnerId
    unlocked: int = Field(
        description="Open positions for which the learner would be qualified with it, in all regions of the reach together.",
        examples=[7],
    )

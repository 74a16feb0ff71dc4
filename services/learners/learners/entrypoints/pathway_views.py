"""Pathways in answers."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, Field

from learners.domain.opening import PublicOpening
from learners.domain.pathway import PathwayStep, jobs_behind
from learners.entrypoints.ids import CredentialId, LearnerId
from learners.entrypoints.opening_views import PublicOpeningView


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
    openings: list[PublicOpeningView] | None = Field(
        description="Up to three of the openings behind it, those with the most positions first: what their employers tell "
        "everybody about the jobs. Without those that have closed since, and those that this service has not read yet. Null: "
        "the list was last published before openings were named."
    )

    @classmethod
    def of(cls, step: PathwayStep, openings: Mapping[str, PublicOpening]) -> "PathwayStepView":
        behind = jobs_behind(step.openings, openings)
        return cls(
            credential=step.credential,
            unlocked=step.unlocked,
            training_weeks=step.training_weeks,
            regions=dict(step.regions),
            openings=None if behind is None else [PublicOpeningView.of(each) for each in behind],
        )


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

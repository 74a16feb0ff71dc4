"""`matching.pathway.v1`: which credentials each learner is one away from (MARKET.md section 11)."""

from typing import Annotated

from pydantic import Field

from contracts.matching import RESULT_DAY
from contracts.wire import (
    MOST_CREDENTIALS,
    MOST_SUM,
    CredentialId,
    Day,
    Instant,
    LearnerId,
    OpeningId,
    PolicyVersion,
    ProviderId,
    Region,
)
from makersync.topic import WireModel

MOST_NAMED = 10


class UnlockedState(WireModel):
    """A credential that the learner lacks, and the positions of the region that it alone would open to the learner."""

    credential: CredentialId
    unlocked: Annotated[int, Field(ge=1, le=MOST_SUM, strict=True)] = Field(
        description="Number of unfilled positions in the region that the learner would qualify for with this credential alone "
        "(MARKET.md section 11).",
        examples=[4],
    )
    openings: Annotated[tuple[OpeningId, ...], Field(min_length=1, max_length=MOST_NAMED)] | None = Field(
        None,
        description="Ids of openings of the region that are behind it: the three with the most unfilled positions, those with "
        "as many by ascending id. Not given by earlier versions of the matching service.",
        examples=[["opn_01m8mx80qj6b9vw3tqf1p5n7ra"]],
    )


class PathwayState(WireModel):
    """Which credentials a learner is one away from in one region. A reader sums the regions and cuts (MARKET.md section 11)."""

    region: Region
    learner_id: LearnerId
    provider_id: ProviderId
    credentials: Annotated[tuple[UnlockedState, ...], Field(max_length=MOST_CREDENTIALS)] = Field(
        description="Every credential that alone would open positions of the region to the learner, by ascending id. Empty "
        "when there were some and none is left."
    )
    policy_version: PolicyVersion
    day: Day = Field(description=RESULT_DAY)
    as_of: Instant = Field(
        description="Instant at which the list was true, with its UTC offset. Lists are refreshed at a set pace, not at every "
        "change.",
        examples=["2026-11-22T09:00:00Z"],
    )


class PathwayEnded(WireModel):
    """The learner was erased, or no longer reaches the region."""

    region: Region
    learner_id: LearnerId

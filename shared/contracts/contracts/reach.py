"""`matching.reach.v1`: how many learners an opening or a draft reaches, and what keeps the others out (MARKET.md section 15).

Every count is a range, so that neither a count nor the difference of two says anything about a single learner. The ranges are
made where they are published, and no reader ever has the numbers behind them.
"""

from typing import Annotated, Literal

from pydantic import Field

from contracts.matching import RESULT_DAY
from contracts.wire import MOST_COUNT, MOST_GROUPS, Count, Day, EmployerId, Identifier, Instant, PolicyVersion, Region, Version
from makersync.topic import WireModel

ReachSubjectId = Annotated[
    Identifier,
    Field(description="Id of the opening, or of the draft, that was counted for.", examples=["opn_01m8mx80qj6b9vw3tqf1p5n7ra"]),
]


class CountRange(WireModel):
    """A number of learners that is at least `at_least` and less than `fewer_than`. None is 0 to 1, one to four is 1 to 5, and
    above it is the range of five that begins at a multiple of five. The range of a sum is as wide as those of its parts make
    it (MARKET.md section 15)."""

    at_least: Count = Field(description="Least number of learners that it may be.", examples=[15])
    fewer_than: Annotated[int, Field(ge=1, le=MOST_COUNT, strict=True)] = Field(
        description="The number of learners is less than this.", examples=[20]
    )


class GroupLacking(WireModel):
    """Near misses who lack this required group and nothing else."""

    id: Identifier = Field(description="Id of the group within its opening or draft.", examples=["milling"])
    near_misses: CountRange = Field(description="Number of near misses whose one unmet group it is (MARKET.md section 7).")
    unverified: CountRange | None = Field(
        None,
        description="How many of them hold an alternative of the group, but not verified. Given for groups that are met by "
        "verified awards alone.",
    )


class GateHolding(WireModel):
    """Learners whom this gate alone keeps out."""

    gate: Literal["unavailable", "shift_conflict", "pay_conflict"] = Field(
        description="The gate (MARKET.md section 6): the start is too early, no shift in common, or the pay is too low.",
        examples=["pay_conflict"],
    )
    learners: CountRange = Field(
        description="Number of learners in reach who meet every required group and fail this gate and no other."
    )


class ReachState(WireModel):
    """What the newest evaluation of an opening or a draft has counted (MARKET.md section 15)."""

    region: Region
    subject_id: ReachSubjectId
    employer_id: EmployerId
    subject_version: Version = Field(
        description="Version (`sequence`) of the opening or the draft that was counted for.", examples=[2]
    )
    in_reach: CountRange = Field(
        description="Number of learners who seek work, agree to be matched and have the place of work within their reach; of "
        "remote work, those who would do it."
    )
    pass_gates: CountRange = Field(description="How many of those in reach pass the other gates too.")
    qualified: CountRange = Field(description="How many of those who pass the gates meet every required group.")
    near_misses: CountRange = Field(
        description="How many of those who pass the gates meet every required group but one (MARKET.md section 7)."
    )
    lacking: Annotated[tuple[GroupLacking, ...], Field(max_length=MOST_GROUPS)] = Field(
        (), description="The near misses by the group that they lack: every required group, in the opening's order."
    )
    held_back: Annotated[tuple[GateHolding, ...], Field(max_length=10)] = Field(
        (),
        description="Learners in reach who meet every required group and fail exactly one of the gates that the employer can "
        "change: every such gate, in the order of the rules. Later versions may add gates.",
    )
    policy_version: PolicyVersion
    day: Day = Field(description=RESULT_DAY)
    as_of: Instant = Field(
        description="Instant at which the counts were true, with its UTC offset. Those of openings are refreshed at a set "
        "pace, not at every change.",
        examples=["2026-11-22T09:00:00Z"],
    )


class ReachEnded(WireModel):
    """The opening is not live any more, or the draft has ended: nothing is counted for it."""

    region: Region
    subject_id: ReachSubjectId
    employer_id: EmployerId

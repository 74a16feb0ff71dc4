"""`openings.draft.v1`: an opening that an employer has not published, of which it asks how many learners it would reach
(decision 0062)."""

from typing import Annotated

from pydantic import Field

from contracts.openings import RequirementGroupState, Shift
from contracts.wire import MOST_GROUPS, REGION_FORM, ZONED, Cents, Day, EmployerId, Identifier, Positions, Region, Zip
from makersync.topic import WireModel

DraftId = Annotated[
    Identifier,
    Field(
        description="Id of the draft, given by the openings service. An employer has a few of them in a region, and each new "
        "question takes one that has ended as its next version.",
        examples=["drf_01jz8m2c6tq4x9w7h3kv5n1r0d.17410.1"],
    ),
]


class DraftState(WireModel):
    """A draft that is asked about, with the fields of an opening that gates and groups look at. Exactly one of `zip` and
    `remote: true`."""

    draft_id: DraftId
    employer_id: EmployerId
    region: Region = Field(description=f"Region of the place of work: {REGION_FORM}.")
    zip: Zip | None = Field(
        None, description="US ZIP code of five digits of the place of work. Not given for remote work.", examples=["44114"]
    )
    remote: bool = Field(False, description="Whether the work is done remotely: true exactly when there is no `zip`.")
    positions: Positions = Field(description="How many people the opening would be for.", examples=[3])
    start_by: Day | None = Field(
        None,
        description=f"Calendar date {ZONED} by which a candidate must be available (MARKET.md section 6). Not given: any date "
        "will do.",
        examples=["2027-01-04"],
    )
    closes_on: Day | None = Field(
        None,
        description=f"Last calendar date {ZONED} on which candidates would be matched (MARKET.md section 3). Not given: it "
        "would not expire.",
        examples=["2026-12-18"],
    )
    shifts: Annotated[tuple[Shift, ...], Field(max_length=10)] = Field(
        (),
        description="Shifts that are worked. A learner who gives shifts too must share one (MARKET.md section 6). Empty: any.",
        examples=[["day"]],
    )
    wage_min: Cents | None = Field(
        None, description="Lowest wage that would be offered, in US cents an hour. Nobody is kept out by it.", examples=[2350]
    )
    wage_max: Cents | None = Field(
        None,
        description="Highest wage that would be offered, in US cents an hour (MARKET.md section 6). Not given: nobody is kept "
        "out by pay.",
        examples=[2825],
    )
    groups: Annotated[tuple[RequirementGroupState, ...], Field(max_length=MOST_GROUPS)] = Field(
        (), description="What would be asked for, as in an opening (MARKET.md section 3)."
    )


class DraftEnded(WireModel):
    """The draft is not asked about any more: it was answered, or has waited for too long."""

    draft_id: DraftId
    employer_id: EmployerId
    region: Region

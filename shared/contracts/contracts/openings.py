"""`openings.opening.v1`: the whole public state of an opening (MARKET.md section 3)."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.wire import (
    MOST_ALTERNATIVES,
    MOST_GROUPS,
    REGION_FORM,
    ZONED,
    Cents,
    CompetencyId,
    CredentialId,
    Day,
    EmployerId,
    Filled,
    Identifier,
    Level,
    OpeningId,
    Positions,
    Region,
    Title,
    Word,
    Zip,
)
from makersync.topic import WireModel

Shift = Literal["day", "evening", "night", "weekend", "rotating"]


class CredentialWanted(WireModel):
    """A credential that meets the group when it is among the learner's holdings (MARKET.md section 5)."""

    credential: CredentialId


class CompetencyWanted(WireModel):
    """A competency that meets the group when something the learner holds confers it at this level or above (MARKET.md
    section 5)."""

    competency: CompetencyId
    level: Level = Field(description="Least level that is enough, from 1 (aware) to 5 (expert).")


class RequirementGroupState(WireModel):
    """One thing that is asked for, in one or more interchangeable forms (MARKET.md section 3)."""

    id: Identifier = Field(
        description="Names the group within its opening; the outcomes of matches refer to it.", examples=["milling"]
    )
    necessity: Literal["required", "trainable", "preferred"] = Field(
        description="`required` keeps out everyone who does not meet the group. `trainable`, which is taught on the job, and "
        "`preferred` keep nobody out and count in the score (MARKET.md sections 3 and 8)."
    )
    any_of: Annotated[tuple[CredentialWanted | CompetencyWanted, ...], Field(min_length=1, max_length=MOST_ALTERNATIVES)] = (
        Field(
            description="Interchangeable ways to meet the group: any one of them is enough.",
            examples=[[{"credential": "nims:cnc-milling-operator"}, {"competency": "machining.cnc-milling", "level": 3}]],
        )
    )
    weight: Annotated[int, Field(ge=1, le=10, strict=True)] = Field(
        1,
        description="How much the group counts in the score beside others of the same necessity, from 1 to 10. The score does "
        "not weigh required groups (MARKET.md section 8).",
    )
    verified_only: bool = Field(
        False, description="Whether only verified awards meet the group. Otherwise attested ones do too (MARKET.md section 5)."
    )


class OpeningFacts(WireModel):
    """What is said of an opening by ids alone."""

    opening_id: OpeningId
    employer_id: EmployerId
    region: Region = Field(
        description=f"Region of the place of work: {REGION_FORM}. It never changes: a job that moves is closed and "
        "published again."
    )
    title: Title = Field(description="What the employer calls the job, for people to read.", examples=["CNC machinist"])
    occupation: Word | None = Field(
        None,
        description="O*NET-SOC 2019 code of the occupation. Matching does not look at it; the wage statistics of shortage "
        "cells do.",
        examples=["51-4041.00"],
    )
    zip: Zip | None = Field(
        None, description="US ZIP code of five digits of the place of work. Not given for remote work.", examples=["43604"]
    )
    remote: bool = Field(False, description="Whether the work is done remotely: true exactly when there is no `zip`.")
    positions: Positions = Field(description="How many people the opening is for, including those already hired.", examples=[3])
    filled: Filled = Field(
        0,
        description="How many of the positions are filled. Those that remain set the length of the shortlist (MARKET.md "
        "section 9).",
    )
    start_by: Day | None = Field(
        None,
        description=f"Calendar date {ZONED} by which a candidate must be available: a learner who is available only later is "
        "not matched (MARKET.md section 6). Not given: any date will do.",
        examples=["2026-11-30"],
    )
    closes_on: Day | None = Field(
        None,
        description=f"Last calendar date {ZONED} on which candidates are matched (MARKET.md section 3). Not given: it does "
        "not expire.",
        examples=["2026-11-27"],
    )
    shifts: Annotated[tuple[Shift, ...], Field(max_length=10)] = Field(
        (),
        description="Shifts that are worked. A learner who gives shifts too must share one (MARKET.md section 6). Empty: any.",
        examples=[["day"]],
    )
    wage_min: Cents | None = Field(
        None, description="Lowest wage that is offered, in US cents an hour. Nobody is kept out by it.", examples=[2500]
    )
    wage_max: Cents | None = Field(
        None,
        description="Highest wage that is offered, in US cents an hour. A learner whose `wage_floor` is above it is not "
        "matched (MARKET.md section 6). Not given: nobody is kept out by pay.",
        examples=[3100],
    )
    groups: Annotated[tuple[RequirementGroupState, ...], Field(max_length=MOST_GROUPS)] = Field(
        (),
        description="What is asked for. A candidate meets every required group (MARKET.md sections 3 and 7); without one, "
        "everyone who passes the gates is a candidate.",
    )
    status: Literal["open", "closed", "filled"] = Field(
        description="`open`: people are sought. `closed`: the employer has ended the search. `filled`: every position is "
        "filled. An opening whose closing date has passed stays `open` and is not matched any more."
    )


class OpeningState(OpeningFacts):
    """An employer's opening. Exactly one of `zip` and `remote: true`; `filled` <= `positions`."""

    employer_name: Annotated[Title, Field(min_length=1)] | None = Field(
        None,
        description="Name of the employer, for people to read, as it was when the opening was changed last. Not given when it "
        "was lost, nor by earlier versions of the openings service.",
        examples=["Cuyahoga Precision"],
    )

"""`openings.introduction.v1` and `learners.introduction.v1`: an employer asks to meet a candidate, and the provider answers
(decision 0060).

Each service publishes its own side. Where an introduction stands follows from the newest record of both. Nothing here
identifies the learner: name and contact are shown by the learners service alone.
"""

from typing import Annotated, Literal

from pydantic import Field

from contracts.matching import GroupOutcome
from contracts.wire import (
    LONGEST_WORD,
    MOST_GROUPS,
    NO_NUL,
    REGION_FORM,
    ZONED,
    Cents,
    Day,
    EmployerId,
    Identifier,
    Instant,
    LearnerId,
    OpeningId,
    ProviderId,
    Region,
    Text,
    Title,
    Zip,
)
from makersync.topic import WireModel

IntroductionId = Annotated[
    Identifier,
    Field(description="Id of the introduction, given by the openings service.", examples=["int_01jzf3k7m9x2t6w4hq8v1r5n0c"]),
]
Reason = Annotated[str, Field(min_length=1, max_length=LONGEST_WORD, pattern=r"^[a-z_]+$")]
PartyName = Annotated[str, Field(min_length=1, max_length=200, pattern=NO_NUL)]
_OF_OPENING = f"Region of the opening: {REGION_FORM}."


class JobState(WireModel):
    """The job as it stood when the employer asked. Exactly one of `zip` and `remote: true`."""

    title: Title = Field(description="What the employer calls the job.", examples=["CNC machinist"])
    employer_name: PartyName = Field(description="Name of the employer.", examples=["Cuyahoga Precision"])
    zip: Zip | None = Field(
        None, description="US ZIP code of five digits of the place of work. Not given for remote work.", examples=["44114"]
    )
    remote: bool = Field(False, description="Whether the work is done remotely.")
    wage_min: Cents | None = Field(None, description="Lowest wage that is offered, in US cents an hour.", examples=[2350])
    wage_max: Cents | None = Field(None, description="Highest wage that is offered, in US cents an hour.", examples=[2825])
    start_by: Day | None = Field(
        None,
        description=f"Calendar date {ZONED} by which a candidate must be available. Not given: any date will do.",
        examples=["2027-01-04"],
    )


class ContactAccess(WireModel):
    """A capability to read the learner's name and contact in the learners service. The token itself is on no topic."""

    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] = Field(
        description="SHA-256, in hexadecimal digits, of the token that the employer was given: 256 random bits, bound to the "
        "introduction by its id and a colon before it.",
        examples=["5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"],
    )
    expires_at: Instant = Field(description="Time at which the token stops working, in UTC.", examples=["2026-11-17T12:00:00Z"])


class IntroductionRequestState(WireModel):
    """The employer's side of an introduction. Outcomes and what the employer wrote are given while `status` is `asked`."""

    introduction_id: IntroductionId
    opening_id: OpeningId
    learner_id: LearnerId
    employer_id: EmployerId
    provider_id: ProviderId
    region: Region = Field(description=_OF_OPENING)
    status: Literal["asked", "withdrawn", "hired", "not_hired"] = Field(
        description="`asked`: the employer asks to meet the candidate, or has done so and the answer was yes. `withdrawn`: it "
        "does not ask any more. `hired` and `not_hired`: how an accepted introduction ended."
    )
    reason: Reason | None = Field(
        None,
        description="Why it was withdrawn (`employer_withdrew`, `opening_closed`, `opening_filled`, `opening_expired`, and "
        "`answered` when the answer had ended it before) or nobody was hired (`chose_another`, `requirements_not_met`, "
        "`no_agreement_on_pay`, `no_show`, `candidate_declined`, `other`). Later versions may add reasons.",
        examples=["chose_another"],
    )
    asked_at: Instant = Field(description="Time at which the employer asked, in UTC.", examples=["2026-11-16T12:00:00Z"])
    answer_by: Day = Field(
        description=f"Last calendar date {ZONED} on which an answer counts. Without one the introduction lapses.",
        examples=["2026-11-23"],
    )
    job: JobState = Field(description="The job as it stood when the employer asked.")
    outcomes: Annotated[tuple[GroupOutcome, ...], Field(max_length=MOST_GROUPS)] = Field(
        description="What became of each requirement group when the employer asked, in the opening's order; none once `status` "
        "is not `asked`."
    )
    message: Text | None = Field(
        None,
        description="What the employer writes to the candidate.",
        examples=["We would like to show you our new five-axis mill."],
    )
    contact: Text | None = Field(
        None,
        description="How the employer is reached: an office or a role rather than a person.",
        examples=["hiring@lakeshore.example, 216-555-0117"],
    )
    access: ContactAccess | None = Field(
        None, description="The newest capability to read the contact. Given after an acceptance, while `status` is `asked`."
    )
    hired_on: Day | None = Field(
        None, description=f"Calendar date {ZONED} on which the person was hired. Given when `status` is `hired`."
    )


class IntroductionAnswerState(WireModel):
    """The provider's and the learner's side of an introduction, from the first answer on."""

    introduction_id: IntroductionId
    opening_id: OpeningId
    learner_id: LearnerId
    employer_id: EmployerId
    provider_id: ProviderId
    provider_name: PartyName = Field(
        description="Name of the training provider.", examples=["Cuyahoga Manufacturing Institute"]
    )
    region: Region = Field(description=_OF_OPENING)
    status: Literal["accepted", "declined", "lapsed", "withdrawn"] = Field(
        description="`accepted`: the employer may see the learner's name and contact in the learners service. `declined`: no. "
        "`lapsed`: nobody answered in time. `withdrawn`: an acceptance, or the learner's search, came to its end."
    )
    reason: Reason | None = Field(
        None,
        description="Why it was declined (`not_interested`, `other_job`, `pay`, `place`, `hours`, `timing`, `other`) or "
        "withdrawn (`learner_withdrew`, `consent_withdrawn`, `erased`, `hired_elsewhere`, `not_seeking`). Later versions may "
        "add reasons.",
        examples=["timing"],
    )
    answered_by: Literal["provider", "learner", "service"] = Field(
        description="Who answered: the provider for the learner, the learner through a link of the provider, or the service "
        "by its rules."
    )
    answered_at: Instant = Field(description="Time of the newest answer, in UTC.", examples=["2026-11-16T15:00:00Z"])
    hire: Literal["confirmed", "disputed"] | None = Field(
        None,
        description="What provider or learner say of the hire that the employer reported. A hire that nobody disputes within "
        "seven days counts as confirmed, and ends the learner's search.",
        examples=["confirmed"],
    )

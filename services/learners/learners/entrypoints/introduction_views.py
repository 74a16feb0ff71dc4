"""Introductions in answers."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field

from contracts.introduction_status import IntroductionStatus
from contracts.wire import ZONED
from learners.adapters.introduction_tables import ContactReadingRow
from learners.domain.introduction import Introduction, Job
from learners.domain.learner_link import LearnerLink
from learners.domain.learner_person import Person
from learners.domain.opening import place_name
from learners.entrypoints.ids import EmployerId, IntroductionId, LearnerId, OpeningId, RegionId
from learners.entrypoints.learner_fields import EMAIL, PERSON_NAME, PHONE
from reference.places import load_places

#: Where learners answer by a link: a program, and a browser.
ANSWERS, ANSWER_PAGES = "/v1/learner-answers", "/answers"


class JobView(BaseModel):
    """The job as it stood when the employer asked."""

    title: str = Field(description="What the employer calls the job.", examples=["CNC machinist"])
    employer_name: str = Field(description="Name of the employer.", examples=["Lakeshore Precision"])
    place: str | None = Field(
        description="City and state of the place of work, or `Remote`; null where its ZIP code is not known here.",
        examples=["Cleveland, OH"],
    )
    zip: str | None = Field(
        description="US ZIP code of the place of work; null when the work is done remotely.", examples=["44114"]
    )
    remote: bool = Field(description="Whether the work is done remotely.", examples=[False])
    wage_min: int | None = Field(description="Lowest wage that is offered, US cents an hour; null: not said.", examples=[2350])
    wage_max: int | None = Field(description="Highest wage that is offered, US cents an hour; null: not said.", examples=[2825])
    start_by: date | None = Field(
        description=f"Calendar date {ZONED} by which a candidate must be available; null: any date will do.",
        examples=["2027-01-04"],
    )

    @classmethod
    def of(cls, job: Job) -> Self:
        return cls(**asdict(job), place=place_name(job, load_places()))


class AskedOutcomeView(BaseModel):
    """What became of one requirement group of the opening when the employer asked."""

    id: str = Field(description="Id of the group within its opening.", examples=["milling"])
    met: bool = Field(description="Whether the learner met it.", examples=[True])
    evidence: str | None = Field(
        None,
        description="`verified` when verified awards met it, else `attested`; null when it was not met.",
        examples=["verified"],
    )
    awards: list[str] = Field(
        [], description="Ids of the learner's awards that met it.", examples=[["awd_01m8mx8bz2x4k7tqv0d3h9w5nc"]]
    )


class AskedView(BaseModel):
    """What an employer asks, as the learner is shown it."""

    status: IntroductionStatus = Field(
        description="Where the introduction stands: `asked`, `accepted`, `declined`, `lapsed`, `withdrawn`, `hired` or "
        "`not_hired`.",
        examples=["asked"],
    )
    answer_by: date = Field(
        description=f"Last calendar date {ZONED} on which an answer counts; then it lapses.", examples=["2026-12-01"]
    )
    job: JobView = Field(description="The job as it stood when the employer asked.")
    outcomes: list[AskedOutcomeView] = Field(
        description="What became of each requirement group. Empty some time after the introduction has ended."
    )
    message: str | None = Field(
        description="What the employer writes to the candidate; null when it wrote nothing, or some time after the end.",
        examples=["We would like to show you our new five-axis mill."],
    )
    contact: str | None = Field(
        description="How the employer is reached; null when it does not say, or some time after the end.",
        examples=["hiring@lakeshore.example, 216-555-0117"],
    )


class LearnerIntroductionView(AskedView):
    """An introduction as the provider of the learner sees it."""

    introduction_id: IntroductionId
    opening_id: OpeningId
    learner_id: LearnerId
    employer_id: EmployerId
    region: Annotated[RegionId, Field(description="The opening's labour market.")]
    side: Literal["employer", "learner"] | None = Field(
        description="The side whose word decides where it stands; null while nobody has answered.", examples=[None]
    )
    reason: str | None = Field(description="Why it was declined or has ended; null where there is none.", examples=[None])
    asked_at: datetime = Field(description="UTC instant at which the employer asked.", examples=["2026-11-22T09:00:00Z"])
    answered_by: Literal["provider", "learner", "service"] | None = Field(
        description="Who answered last for the learner's side: the provider, the learner by a link, or the service by its "
        "rules; null while nobody has.",
        examples=[None],
    )
    answered_at: datetime | None = Field(description="UTC instant of that answer.", examples=[None])
    hired_on: date | None = Field(
        description=f"Calendar date {ZONED} on which the learner was hired, as the employer reports; else null.",
        examples=[None],
    )
    hire: Literal["confirmed", "disputed"] | None = Field(
        description="What the learner's side says of the hire; null while it says nothing.", examples=[None]
    )
    confirms_at: datetime | None = Field(
        description="UTC instant from which the hire counts as confirmed unless it is disputed; null when nothing waits.",
        examples=[None],
    )
    version: int = Field(
        description="Grows with each change of either side. A change sends the version that it knows in `If-Match`.",
        examples=[1],
    )

    @classmethod
    def of(cls, introduction: Introduction, confirm_days: int) -> Self:
        standing, answer, request = introduction.standing, introduction.answer, introduction.request
        noticed = request.hire_noticed_at if introduction.awaits_confirmation else None
        return cls(
            **dict(asked_view(introduction)),
            introduction_id=introduction.introduction_id,
            opening_id=introduction.opening_id,
            learner_id=introduction.learner_id,
            employer_id=introduction.employer_id,
            region=introduction.region,
            side=standing.side,
            reason=standing.reason,
            asked_at=request.asked_at,
            answered_by=None if answer is None else answer.answered_by,
            answered_at=None if answer is None else answer.answered_at,
            hired_on=request.hired_on,
            hire=introduction.hire,
            confirms_at=None if noticed is None else noticed + timedelta(days=confirm_days),
            version=introduction.version,
        )


def asked_view(introduction: Introduction) -> AskedView:
    request = introduction.request
    return AskedView(
        status=introduction.status,
        answer_by=request.answer_by,
        job=JobView.of(request.job),
        outcomes=[AskedOutcomeView.model_validate(each) for each in request.outcomes],
        message=request.message,
        contact=request.contact,
    )


class LearnerLinkView(BaseModel):
    """A link by which the learner answers. It replaces the introduction's link before."""

    introduction_id: IntroductionId
    address: str = Field(
        description="Where the learner reads what is asked (`GET`) and answers (`POST`), once and without an API key. It is "
        "shown here alone: the service keeps a hash of its token.",
        examples=["https://learners.example.org/v1/learner-answers/Zk3vT0s9n1xQ8m2Lr7YwB4cJ6hD5gFqA0uE_iKoPtXs"],
    )
    page: str = Field(
        description="Where the learner reads and answers the same in a browser, in English or Spanish. Send this one.",
        examples=["https://learners.example.org/answers/Zk3vT0s9n1xQ8m2Lr7YwB4cJ6hD5gFqA0uE_iKoPtXs"],
    )
    expires_at: datetime = Field(
        description="UTC instant at which it stops working: with the last day on which an answer counts, or after seven days.",
        examples=["2026-11-29T09:00:00Z"],
    )

    @classmethod
    def of(cls, link: LearnerLink, service: str, token: str) -> Self:
        """`service` is this service's public address."""
        return cls(
            introduction_id=link.introduction_id,
            address=f"{service}{ANSWERS}/{token}",
            page=f"{service}{ANSWER_PAGES}/{token}",
            expires_at=link.expires_at,
        )


class ContactView(BaseModel):
    """Name and contact of a learner who agreed to meet the employer: personal data, to be used for that alone."""

    introduction_id: IntroductionId
    learner_id: LearnerId
    name: Annotated[str, PERSON_NAME]
    email: Annotated[str | None, EMAIL]
    phone: Annotated[str | None, PHONE]

    @classmethod
    def of(cls, introduction: Introduction, person: Person) -> Self:
        return cls(
            introduction_id=introduction.introduction_id,
            learner_id=introduction.learner_id,
            name=person.name,
            email=person.email,
            phone=person.phone,
        )


class ReadingView(BaseModel):
    """The employer has read the learner's name and contact, once or several times within an hour."""

    employer_id: EmployerId
    at: datetime = Field(description="UTC instant of the first reading.", examples=["2026-11-23T08:15:00Z"])
    last_at: datetime = Field(
        description="UTC instant of the last reading within an hour of the first.", examples=["2026-11-23T08:40:00Z"]
    )
    times: int = Field(description="How many readings there were from the first to the last.", examples=[2])

    @classmethod
    def of(cls, row: ContactReadingRow) -> Self:
        return cls.model_validate(row, from_attributes=True)

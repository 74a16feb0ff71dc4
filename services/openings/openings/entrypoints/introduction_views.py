"""How introductions and hires are shown."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from contracts.introduction_status import IntroductionStatus
from contracts.wire import ZONED
from openings.application.contacting import GrantedAccess
from openings.domain.introduction import IntroductionRequest
from openings.domain.opening import Opening
from openings.domain.shortlist import GroupResult
from openings.entrypoints.fields import (
    AWARD_EXAMPLE,
    EMPLOYER_EXAMPLE,
    INTRODUCTION_EXAMPLE,
    OPENING_EXAMPLE,
    PROVIDER_EXAMPLE,
    ChangedAt,
    LearnerId,
)
from openings.entrypoints.introduction_bodies import CONTACT_EXAMPLE, MESSAGE_EXAMPLE

_ID = "Id of the introduction."


class OutcomeView(BaseModel):
    """How the learner met one requirement group when the employer asked."""

    id: str = Field(description="The id that the employer gave the group.", examples=["milling"])
    met: bool = Field(description="Whether any alternative was held.", examples=[True])
    evidence: Literal["verified", "attested"] | None = Field(
        description="`verified` or `attested`; null when the group was not met.", examples=["verified"]
    )
    awards: list[str] = Field(description="Ids of the awards that supported it.", examples=[[AWARD_EXAMPLE]])

    @classmethod
    def of(cls, outcome: GroupResult) -> "OutcomeView":
        return cls.model_validate(
            {"id": outcome.id, "met": outcome.met, "evidence": outcome.evidence, "awards": list(outcome.awards)}
        )


class CandidacyView(BaseModel):
    """Whether the learner is on the opening's shortlist now. An introduction goes on without it."""

    on_shortlist: bool = Field(description="Whether the learner is on the shortlist now.", examples=[True])
    reason: str | None = Field(
        description="Why the match ended, as on the shortlist; null while it is live, and once that is forgotten.",
        examples=[None],
    )


class IntroductionView(BaseModel):
    """An introduction, as both sides have made it."""

    introduction_id: str = Field(description=_ID, examples=[INTRODUCTION_EXAMPLE])
    opening_id: str = Field(description="The opening that it is for.", examples=[OPENING_EXAMPLE])
    employer_id: str = Field(description="The employer that asks.", examples=[EMPLOYER_EXAMPLE])
    learner_id: LearnerId
    provider_id: str = Field(description="Id of the learner's training provider.", examples=[PROVIDER_EXAMPLE])
    provider_name: str | None = Field(
        description="Name of the provider; null until this service has heard of it.", examples=["Owens Technical College"]
    )
    version: int = Field(
        description="Grows with every change of either side. `If-Match` names it, in quotation marks.", examples=[2]
    )
    status: IntroductionStatus = Field(
        description="Where it stands. It is open while `asked` or `accepted`.", examples=["accepted"]
    )
    side: Literal["employer", "learner"] | None = Field(
        description="Whose word decides the status: the employer's, or the learner's and provider's; null while `asked`.",
        examples=["learner"],
    )
    reason: str | None = Field(
        description="Why it was declined, withdrawn or ended without a hire; else null. Later versions may add reasons.",
        examples=[None],
    )
    asked_at: datetime = Field(description="When the employer asked, UTC.")
    answer_by: date = Field(description=f"Last calendar date {ZONED} on which an answer counts.", examples=["2026-11-29"])
    message: str | None = Field(
        description="What the employer wrote; null without a message, and once it is forgotten.", examples=[MESSAGE_EXAMPLE]
    )
    contact: str | None = Field(
        description="How the employer is reached; null once it is forgotten.", examples=[CONTACT_EXAMPLE]
    )
    outcomes: list[OutcomeView] = Field(
        description="What became of each requirement group when the employer asked; empty once it is forgotten."
    )
    candidate: CandidacyView = Field(description="Whether the learner is still a candidate.")
    access_expires_at: datetime | None = Field(
        description="When the newest access to the contact expires, UTC; null while there is none."
    )
    hired_on: date | None = Field(
        description=f"Calendar date {ZONED} of the hire; null unless the status is `hired`.", examples=[None]
    )
    hire: Literal["confirmed", "disputed"] | None = Field(
        description="What provider or learner say of the hire; null while they have said nothing.", examples=[None]
    )
    changed_at: ChangedAt

    @classmethod
    def of(cls, introduction: IntroductionRequest, candidate: CandidacyView, provider_name: str | None) -> "IntroductionView":
        standing, answer, access = introduction.standing, introduction.answer, introduction.access
        plain = ("introduction_id", "opening_id", "employer_id", "learner_id", "provider_id", "asked_at", "answer_by")
        said = ("message", "contact", "hired_on")
        return cls.model_validate(
            {
                **{name: getattr(introduction, name) for name in (*plain, *said)},
                "provider_name": provider_name or (answer and answer.provider_name),
                "version": introduction.shown_version,
                "status": standing.status,
                "side": standing.side,
                "reason": standing.reason,
                "outcomes": [OutcomeView.of(each) for each in introduction.outcomes],
                "candidate": candidate,
                "access_expires_at": access and access.expires_at,
                "hire": answer.hire if answer is not None and introduction.hired_on is not None else None,
                "changed_at": max(introduction.changed_at, answer.answered_at) if answer else introduction.changed_at,
            }
        )


class IntroductionMark(BaseModel):
    """The newest introduction of a candidate."""

    introduction_id: str = Field(description=_ID, examples=[INTRODUCTION_EXAMPLE])
    status: IntroductionStatus = Field(description="Where it stands.", examples=["asked"])

    @classmethod
    def of(cls, introduction: IntroductionRequest) -> "IntroductionMark":
        return cls(introduction_id=introduction.introduction_id, status=introduction.standing.status)


class ContactAccessView(BaseModel):
    """Where to read the learner's name and contact. The learners service shows them, and records every reading."""

    address: str = Field(
        description="Address in the learners service, to be read with the token as bearer token. For a few seconds it may "
        "answer 404, until that service knows the token.",
        examples=[f"https://learners.example.org/v1/contacts/{INTRODUCTION_EXAMPLE}"],
    )
    token: str | None = Field(
        description="The token, which is shown once; null when the request is repeated with its `Idempotency-Key`.",
        examples=["q3Jm0C4b7mTn2zZk1vYd8rXw5sPf6uHa9eLgBiNoQxE"],
    )
    expires_at: datetime = Field(description="When the token stops working, UTC.")

    @classmethod
    def of(cls, granted: GrantedAccess, repeated: bool = False) -> "ContactAccessView":
        token = None if repeated else granted.token
        return cls(address=granted.address, token=token, expires_at=granted.expires_at)


class HiredView(BaseModel):
    """A position that was filled by an introduction."""

    introduction_id: str = Field(description=_ID, examples=[INTRODUCTION_EXAMPLE])
    learner_id: LearnerId
    hired_on: date | None = Field(description=f"Calendar date {ZONED} of the hire.", examples=["2026-11-22"])


class FillingsView(BaseModel):
    """How the filled positions of an opening were filled, as far as it is known."""

    opening_id: str = Field(description="The opening.", examples=[OPENING_EXAMPLE])
    positions: int = Field(description="People to hire in all.", examples=[3])
    filled: int = Field(description="Positions that are filled.", examples=[2])
    hires: list[HiredView] = Field(description="Those that were filled by introductions, the oldest first.")
    others: int = Field(description="Positions that were filled in another way.", examples=[1])

    @classmethod
    def of(cls, opening: Opening, hired: list[IntroductionRequest]) -> "FillingsView":
        return cls(
            opening_id=opening.opening_id,
            positions=opening.terms.positions,
            filled=opening.filled,
            hires=[HiredView.model_validate(each, from_attributes=True) for each in hired],
            others=max(opening.filled - len(hired), 0),
        )

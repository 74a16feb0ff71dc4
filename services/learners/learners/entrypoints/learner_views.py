"""Learners in answers."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, Field

from contracts.wire import ZONED
from learners.domain.learner import Learner
from learners.domain.learner_person import Person
from learners.entrypoints.award_views import AwardView
from learners.entrypoints.ids import LearnerId, ProviderId, RegionId, Version
from learners.entrypoints.learner_fields import (
    AVAILABLE_FROM,
    CONSENTS,
    EMAIL,
    PERSON_NAME,
    PHONE,
    REACH_KM,
    REMOTE_OK,
    SEEKING,
    SHIFTS_WORKED,
    STUDENT_NUMBER,
    WAGE_FLOOR,
    ZIP,
)
from makersync.http.response_warnings import Warned, warnings_of
from makersync.remarks import Remark


class PersonView(BaseModel):
    """Who the learner is: personal data that this service alone keeps, until the learner is erased."""

    name: Annotated[str, PERSON_NAME]
    email: Annotated[str | None, EMAIL]
    phone: Annotated[str | None, PHONE]
    student_number: Annotated[str | None, STUDENT_NUMBER]


class LearnerView(BaseModel):
    """A learner without the person: what answers to creations show, because they are kept for a day."""

    learner_id: LearnerId
    provider_id: ProviderId
    zip: Annotated[str, ZIP]
    region: Annotated[
        RegionId,
        Field(
            description="The home's labour market: a CBSA code of five digits, or `nonmetro-` with the state (MARKET.md "
            "section 1)."
        ),
    ]
    reach_km: Annotated[int, REACH_KM]
    remote_ok: Annotated[bool, REMOTE_OK]
    regions: list[str] = Field(
        description="The reach: the ids of the labour markets that receive this learner's events and match the learner.",
        examples=[["10300", "23380", "33780", "41780", "45780", "nonmetro-OH"]],
    )
    seeking: Annotated[bool, SEEKING]
    seeking_since: date | None = Field(
        description=f"Calendar date {ZONED} on which the learner began to seek: of equal scores the earlier comes first "
        "(MARKET.md section 9). Null while the learner does not seek.",
        examples=["2026-11-22"],
    )
    consents_to_matching: Annotated[bool, CONSENTS]
    available_from: Annotated[date | None, AVAILABLE_FROM]
    shifts: Annotated[list[str], SHIFTS_WORKED]
    wage_floor: Annotated[int | None, WAGE_FLOOR]
    awards: list[AwardView] = Field(description="All of the learner's awards, whether or not they count today.")
    version: Version


class PersonalLearnerView(LearnerView):
    """A learner with the person, for the learner's own provider."""

    person: PersonView = Field(description="Who the learner is, for the learner's own provider alone.")


class ChangedLearnerView(LearnerView, Warned):
    """A new learner, or one of whose awards one has changed."""

    @classmethod
    def changed(cls, learner: Learner, remarks: Iterable[Remark], today: date) -> Self:
        return cls(**dict(learner_view(learner, today)), warnings=warnings_of(remarks))


class RevisedLearnerView(PersonalLearnerView, Warned):
    """A learner after what was said of profile and availability."""

    @classmethod
    def revised(cls, learner: Learner, person: Person, remarks: Iterable[Remark], today: date) -> Self:
        return cls(**dict(personal_view(learner, person, today)), warnings=warnings_of(remarks))


def learner_view(learner: Learner, today: date) -> LearnerView:
    return LearnerView(
        learner_id=learner.learner_id,
        provider_id=learner.provider_id,
        zip=learner.reach.zip,
        region=learner.home,
        reach_km=learner.reach.reach_km,
        remote_ok=learner.reach.remote_ok,
        regions=list(learner.regions),
        seeking=learner.availability.seeking,
        seeking_since=learner.availability.seeking_since,
        consents_to_matching=learner.consents,
        available_from=learner.availability.available_from,
        shifts=list(learner.availability.shifts),
        wage_floor=learner.availability.wage_floor,
        awards=[AwardView.of(award, today) for award in learner.awards],
        version=learner.version,
    )


def personal_view(learner: Learner, person: Person, today: date) -> PersonalLearnerView:
    shown = PersonView.model_validate(person, from_attributes=True)
    return PersonalLearnerView(**learner_view(learner, today).model_dump(), person=shown)


class SearchView(BaseModel):
    """Since when somebody seeks, for an operator: nothing else of the learner is shown."""

    learner_id: LearnerId
    seeking_since: date = Field(
        description=f"Calendar date {ZONED} on which the learner began to seek, as it stands now.", examples=["2026-11-02"]
    )
    version: Version

"""Learners in answers."""

from collections.abc import Iterable
from datetime import date
from typing import Self

from pydantic import BaseModel, Field

from learners.domain.learner import Learner
from learners.domain.learner_person import Person
from learners.entrypoints.award_views import AwardView
from makersync.http.warned import Warned, warnings_of
from makersync.remarks import Remark


class PersonView(BaseModel):
    name: str
    email: str | None
    phone: str | None


class LearnerView(BaseModel):
    """A learner without the person: what answers to creations show, because they are kept for a day."""

    learner_id: str
    provider_id: str
    zip: str
    region: str = Field(description="The home's labour market.")
    reach_km: int
    remote_ok: bool
    regions: list[str] = Field(description="The reach: every labour market that hears of this learner.")
    seeking: bool
    seeking_since: date | None
    consents_to_matching: bool
    available_from: date | None
    shifts: list[str]
    wage_floor: int | None
    awards: list[AwardView]
    version: int


class PersonalLearnerView(LearnerView):
    """A learner with the person, for the learner's own provider."""

    person: PersonView


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
    shown = PersonView(name=person.name, email=person.email, phone=person.phone)
    return PersonalLearnerView(**learner_view(learner, today).model_dump(), person=shown)


class SearchView(BaseModel):
    """Since when somebody seeks, for an operator: nothing else of the learner is shown."""

    learner_id: str
    seeking_since: date
    version: int

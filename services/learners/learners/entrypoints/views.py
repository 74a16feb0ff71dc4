"""How things are shown."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Self

from pydantic import BaseModel, Field

from learners.application.ports import Provider
from learners.domain.accreditation import Accreditation
from learners.domain.award import Award, AwardStatus, Evidence
from learners.domain.award_sense import NotInForce, why_not_in_force
from learners.domain.cohort import Cohort
from learners.domain.learner import Learner
from learners.domain.person import Person
from makersync.http.warned import Warned, warnings_of
from makersync.remarks import Remark


class ProviderView(BaseModel):
    provider_id: str
    name: str
    created_at: datetime
    version: int

    @classmethod
    def of(cls, provider: Provider) -> Self:
        return cls.model_validate(provider, from_attributes=True)


class AddedProviderView(ProviderView, Warned):
    """A new provider."""

    @classmethod
    def added(cls, provider: Provider, remarks: Iterable[Remark]) -> Self:
        return cls(**dict(ProviderView.of(provider)), warnings=warnings_of(remarks))


class PersonView(BaseModel):
    name: str
    email: str | None
    phone: str | None


class AwardView(BaseModel):
    """An award as it stands today."""

    award_id: str
    credential: str
    status: AwardStatus
    issued_on: date | None
    expires_on: date | None
    expected_on: date | None
    evidence: Evidence
    in_force: bool = Field(description="Whether it counts today (MARKET.md section 4).")
    not_in_force: NotInForce | None = Field(description="Why not.")
    cohort_id: str | None = Field(description="The cohort whose seat it holds.")

    @classmethod
    def of(cls, award: Award, today: date) -> Self:
        dates, why_not = award.dates, why_not_in_force(award, today)
        return cls(
            award_id=award.award_id,
            credential=award.credential,
            status=award.status,
            issued_on=dates.issued_on,
            expires_on=dates.expires_on,
            expected_on=dates.expected_on,
            evidence=award.evidence,
            in_force=why_not is None,
            not_in_force=why_not,
            cohort_id=award.cohort_id,
        )


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


class AccreditationView(BaseModel):
    accreditation_id: str
    provider_id: str
    issuer: str
    since: date | None
    until: date | None
    ended_at: datetime | None
    retroactive: bool
    version: int

    @classmethod
    def of(cls, accreditation: Accreditation) -> Self:
        return cls.model_validate(accreditation, from_attributes=True)


class ChangedAccreditationView(AccreditationView, Warned):
    """A new accreditation, or one that was ended."""

    @classmethod
    def changed(cls, accreditation: Accreditation, remarks: Iterable[Remark]) -> Self:
        return cls(**dict(AccreditationView.of(accreditation)), warnings=warnings_of(remarks))


class EnrolmentView(AwardView):
    """What a learner was enrolled for."""

    learner_id: str


class CohortView(BaseModel):
    cohort_id: str
    provider_id: str
    credential: str
    region: str
    seats: int
    enrolled: int
    starts_on: date
    ends_on: date
    cancelled: bool
    version: int

    @classmethod
    def of(cls, cohort: Cohort) -> Self:
        plan = cohort.plan
        return cls(
            cohort_id=cohort.cohort_id,
            provider_id=cohort.provider_id,
            credential=cohort.credential,
            region=cohort.region,
            seats=plan.seats,
            enrolled=plan.enrolled,
            starts_on=plan.starts_on,
            ends_on=plan.ends_on,
            cancelled=cohort.cancelled,
            version=cohort.version,
        )


class PlannedCohortView(CohortView, Warned):
    """A cohort after what was said of it."""

    @classmethod
    def planned(cls, cohort: Cohort, remarks: Iterable[Remark]) -> Self:
        return cls(**dict(CohortView.of(cohort)), warnings=warnings_of(remarks))

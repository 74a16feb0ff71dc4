"""What the matching service reads of the events that reach it, and how it becomes domain objects."""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta
from pydantic import Field, model_validator

from makersync.contracts.topics import CATALOG, COHORT, LEARNER, OPENING
from makersync.contracts.wire import Identifier
from makersync.effects.reading import Reader, ReaderModel, ReaderStruct
from makersync.places import UnknownZip, load_places
from matching.domain.catalog import Competency, CompetencyLevel, CredentialDefinition
from matching.domain.market import (
    Award,
    AwardStatus,
    Cohort,
    CompetencyAlternative,
    CredentialAlternative,
    Evidence,
    Learner,
    Necessity,
    Opening,
    OpeningStatus,
    RequirementGroup,
    Shift,
)

Positive = Annotated[int, Field(ge=1, strict=True)]
Natural = Annotated[int, Field(ge=0, strict=True)]
Level = Annotated[int, Field(ge=1, le=5, strict=True)]


def _require_place(zip_code: str) -> str:
    """The region of a ZIP; a ZIP outside the table breaks the contract (MARKET.md section 1)."""
    try:
        return load_places().point(zip_code).region
    except UnknownZip as error:
        raise ValueError(f"unknown ZIP {zip_code}") from error


class CredentialRead(ReaderModel):
    credential: Identifier


class CompetencyRead(ReaderModel):
    competency: Identifier
    level: Level


class GroupRead(ReaderModel):
    id: Identifier
    necessity: Necessity
    any_of: Annotated[tuple[CredentialRead | CompetencyRead, ...], Field(min_length=1)]
    weight: Annotated[int, Field(ge=1, le=10, strict=True)] = 1
    verified_only: bool = False

    def to_domain(self) -> RequirementGroup:
        return RequirementGroup(self.id, self.necessity, tuple(map(_alternative, self.any_of)), self.weight, self.verified_only)


def _alternative(entry: CredentialRead | CompetencyRead) -> CredentialAlternative | CompetencyAlternative:
    if isinstance(entry, CredentialRead):
        return CredentialAlternative(entry.credential)
    return CompetencyAlternative(entry.competency, entry.level)


class OpeningRead(ReaderModel):
    """An opening as its employer's service tells it (MARKET.md section 3)."""

    opening_id: Identifier
    employer_id: Identifier
    region: str
    title: str
    occupation: str | None = None
    zip: str | None = None
    remote: bool = False
    positions: Positive
    filled: Natural = 0
    start_by: date | None = None
    closes_on: date | None = None
    shifts: frozenset[Shift] = frozenset()
    wage_min: Natural | None = None
    wage_max: Natural | None = None
    groups: tuple[GroupRead, ...] = ()
    status: OpeningStatus

    @model_validator(mode="after")
    def _is_one_place(self) -> "OpeningRead":
        if (self.zip is None) is not self.remote:
            raise ValueError("exactly one of zip and remote")
        if self.region != ("remote" if self.zip is None else _require_place(self.zip)):
            raise ValueError("the region does not follow from the place")
        if self.filled > self.positions:
            raise ValueError("filled above positions")
        if len({group.id for group in self.groups}) != len(self.groups):
            raise ValueError("a group id is repeated")
        return self

    def to_domain(self, version: int) -> Opening:
        fields = {name: getattr(self, name) for name in type(self).model_fields if name != "groups"}
        return Opening(**fields, groups=tuple(group.to_domain() for group in self.groups), version=version)


Id = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]*$(?!\n)")]


class AwardRead(ReaderStruct, frozen=True, kw_only=True):
    award_id: Id
    credential: Id
    status: AwardStatus
    issued_on: date | None = None
    expires_on: date | None = None
    expected_on: date | None = None
    evidence: Evidence

    def to_domain(self) -> Award:
        return Award(
            award_id=self.award_id,
            credential=self.credential,
            status=self.status,
            evidence=self.evidence,
            issued_on=self.issued_on,
            expires_on=self.expires_on,
            expected_on=self.expected_on,
        )


class LearnerRead(ReaderStruct, frozen=True, kw_only=True):
    """A learner in one region of the reach (MARKET.md section 4)."""

    learner_id: Id
    provider_id: Id
    region: str
    zip: str
    reach_km: Annotated[int, Meta(ge=1, le=300)] = 40
    remote_ok: bool = False
    seeking: bool
    seeking_since: date | None = None
    consents_to_matching: bool
    available_from: date | None = None
    shifts: frozenset[Shift] = frozenset()
    wage_floor: Annotated[int, Meta(ge=0)] | None = None
    awards: tuple[AwardRead, ...] = ()

    def __post_init__(self) -> None:
        _require_place(self.zip)
        if len({award.award_id for award in self.awards}) != len(self.awards):
            raise ValueError("an award id is repeated")

    def to_domain(self, version: int) -> Learner:
        return Learner(
            learner_id=self.learner_id,
            provider_id=self.provider_id,
            zip=self.zip,
            seeking=self.seeking,
            consents_to_matching=self.consents_to_matching,
            reach_km=self.reach_km,
            remote_ok=self.remote_ok,
            seeking_since=self.seeking_since,
            available_from=self.available_from,
            shifts=self.shifts,
            wage_floor=self.wage_floor,
            awards=tuple([award.to_domain() for award in self.awards]),
            version=version,
        )


class LearnerEndRead(ReaderStruct, frozen=True, kw_only=True):
    learner_id: Id
    region: str


class CohortRead(ReaderModel):
    cohort_id: Identifier
    provider_id: Identifier
    credential: Identifier
    region: str
    seats: Natural
    enrolled: Natural
    starts_on: date
    ends_on: date

    def to_domain(self, version: int) -> Cohort:
        return Cohort(**{name: getattr(self, name) for name in type(self).model_fields}, version=version)


class CohortEndRead(ReaderModel):
    cohort_id: Identifier
    region: str


class CompetencyEntryRead(ReaderModel):
    id: Identifier
    name: str

    def to_domain(self) -> Competency:
        return Competency(self.id, self.name)


class ConferralRead(ReaderModel):
    competency: Identifier
    level: Level


class CredentialEntryRead(ReaderModel):
    """A credential definition (MARKET.md section 2)."""

    id: Identifier
    name: str
    issuer: str
    aliases: tuple[str, ...] = ()
    confers: tuple[ConferralRead, ...] = ()
    implies: tuple[Identifier, ...] = ()
    composed_of: tuple[Identifier, ...] = ()
    valid_months: Positive | None = None
    training_weeks: Natural | None = None
    references: tuple[str, ...] = ()

    def to_domain(self) -> CredentialDefinition:
        fields = {name: getattr(self, name) for name in type(self).model_fields if name != "confers"}
        confers = tuple(CompetencyLevel(each.competency, each.level) for each in self.confers)
        return CredentialDefinition(**fields, confers=confers)


SubjectKind = Literal["opening", "learner", "cohort"]

_LEARNER_ENDS = {"LearnerWithdrawn": LearnerEndRead, "LearnerErased": LearnerEndRead}


def _kinds(prefix: str, topic_types: object) -> list[str]:
    return [name.removeprefix(prefix) for name in topic_types]  # type: ignore[attr-defined]


OPENING_READER = Reader(OPENING, dict.fromkeys(_kinds("openings.", OPENING.types), OpeningRead))
LEARNER_READER = Reader(LEARNER, {**dict.fromkeys(_kinds("learners.", LEARNER.types), LearnerRead), **_LEARNER_ENDS})
COHORT_READER = Reader(COHORT, {"CohortPlanned": CohortRead, "CohortRevised": CohortRead, "CohortCancelled": CohortEndRead})
CATALOG_READER = Reader(
    CATALOG,
    {
        "CompetencyDefined": CompetencyEntryRead,
        "CredentialDefined": CredentialEntryRead,
        "CredentialRevised": CredentialEntryRead,
    },
)

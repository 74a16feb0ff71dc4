"""What the matching service reads of the events that reach it, and how it becomes domain objects."""

from datetime import date
from functools import lru_cache
from sys import intern
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType
from pydantic import Field

from makersync.contracts.topics import CATALOG, COHORT, LEARNER, OPENING
from makersync.contracts.wire import Identifier
from makersync.effects.reading import Reader, ReaderModel, ReaderStruct
from makersync.places import UnknownZip, load_places
from matching.domain.catalog import Competency, CompetencyLevel, CredentialDefinition
from matching.domain.market import (
    Alternative,
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


Id = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]*$(?!\n)")]


class AlternativeRead(ReaderStruct, frozen=True, kw_only=True):
    """A credential, or a competency at a level."""

    credential: Id | UnsetType = UNSET
    competency: Id | UnsetType = UNSET
    level: Annotated[int, Meta(ge=1, le=5)] | UnsetType = UNSET

    def __post_init__(self) -> None:
        given = tuple(each is not UNSET for each in (self.credential, self.competency, self.level))
        if given not in ((True, False, False), (False, True, True)):
            raise ValueError("either a credential or a competency with its level")

    def to_domain(self) -> Alternative:
        if self.credential is not UNSET:
            return _credential(self.credential)
        assert self.competency is not UNSET and self.level is not UNSET
        return _competency(self.competency, self.level)


#: Hundreds of thousands of openings ask for the same few things: one object each.
_credential = lru_cache(maxsize=1 << 16)(CredentialAlternative)
_competency = lru_cache(maxsize=1 << 16)(CompetencyAlternative)


class GroupRead(ReaderStruct, frozen=True, kw_only=True):
    id: Id
    necessity: Necessity
    any_of: Annotated[tuple[AlternativeRead, ...], Meta(min_length=1)]
    weight: Annotated[int, Meta(ge=1, le=10)] = 1
    verified_only: bool = False

    def to_domain(self) -> RequirementGroup:
        forms = tuple([each.to_domain() for each in self.any_of])
        return RequirementGroup(intern(self.id), self.necessity, forms, self.weight, self.verified_only)


class OpeningRead(ReaderStruct, frozen=True, kw_only=True):
    """An opening as its employer's service tells it (MARKET.md section 3)."""

    opening_id: Id
    employer_id: Id
    region: str
    title: str
    occupation: str | None = None
    zip: str | None = None
    remote: bool = False
    positions: Annotated[int, Meta(ge=1)]
    filled: Annotated[int, Meta(ge=0)] = 0
    start_by: date | None = None
    closes_on: date | None = None
    shifts: frozenset[Shift] = frozenset()
    wage_min: Annotated[int, Meta(ge=0)] | None = None
    wage_max: Annotated[int, Meta(ge=0)] | None = None
    groups: tuple[GroupRead, ...] = ()
    status: OpeningStatus

    def __post_init__(self) -> None:
        if (self.zip is None) is not self.remote:
            raise ValueError("exactly one of zip and remote")
        if self.region != ("remote" if self.zip is None else _require_place(self.zip)):
            raise ValueError("the region does not follow from the place")
        if self.filled > self.positions:
            raise ValueError("filled above positions")
        if len({group.id for group in self.groups}) != len(self.groups):
            raise ValueError("a group id is repeated")

    def to_domain(self, version: int) -> Opening:
        return Opening(
            opening_id=self.opening_id,
            employer_id=intern(self.employer_id),
            title=intern(self.title),
            region=intern(self.region),
            zip=self.zip and intern(self.zip),
            remote=self.remote,
            positions=self.positions,
            filled=self.filled,
            occupation=self.occupation and intern(self.occupation),
            start_by=self.start_by,
            closes_on=self.closes_on,
            shifts=self.shifts,
            wage_min=self.wage_min,
            wage_max=self.wage_max,
            groups=tuple([group.to_domain() for group in self.groups]),
            status=self.status,
            version=version,
        )


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

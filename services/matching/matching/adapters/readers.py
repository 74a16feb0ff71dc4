"""What the matching service reads of the events that reach it, and how it becomes domain objects."""

from datetime import date
from functools import lru_cache
from sys import intern
from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType
from pydantic import Field

from contracts.topics import CATALOG, COHORT, LEARNER, OPENING
from contracts.wire import (
    FIRST_DAY,
    LAST_DAY,
    LONGEST_TITLE,
    LONGEST_WORD,
    MOST_ALTERNATIVES,
    MOST_AWARDS,
    MOST_CENTS,
    MOST_GROUPS,
    MOST_LISTED,
    MOST_POSITIONS,
    Day,
    Identifier,
    Level,
    Region,
    Seats,
    Text,
)
from makersync.effects.reading import Reader, ReaderModel, ReaderStruct
from matching.domain.market.catalog import CompetencyLevel, MarketCompetency, MarketCredential
from matching.domain.market.subjects import (
    Alternative,
    AwardStatus,
    CompetencyAlternative,
    CredentialAlternative,
    Evidence,
    MarketAward,
    MarketCohort,
    MarketLearner,
    MarketOpening,
    Necessity,
    OpeningStatus,
    RequirementGroup,
    Shift,
)
from reference.places import UnknownZip, load_places


def _require_place(zip_code: str) -> str:
    """The region of a ZIP; a ZIP outside the table breaks the contract (MARKET.md section 1)."""
    try:
        return load_places().point(zip_code).region
    except UnknownZip as error:
        raise ValueError(f"unknown ZIP {zip_code}") from error


def _require_days(*days: date | None) -> None:
    """Dates that survive every time zone, and the arithmetic of months."""
    if any(day is not None and not FIRST_DAY <= day <= LAST_DAY for day in days):
        raise ValueError(f"a date from {FIRST_DAY} to {LAST_DAY}")


Place = Annotated[str, Meta(max_length=40, pattern=r"^([0-9]{5}|nonmetro-[A-Z]{2}|remote)$(?!\n)")]
Zip = Annotated[str, Meta(pattern=r"^[0-9]{5}$")]
Cents = Annotated[int, Meta(ge=0, le=MOST_CENTS)]
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
    any_of: Annotated[tuple[AlternativeRead, ...], Meta(min_length=1, max_length=MOST_ALTERNATIVES)]
    weight: Annotated[int, Meta(ge=1, le=10)] = 1
    verified_only: bool = False

    def to_domain(self) -> RequirementGroup:
        forms = tuple([each.to_domain() for each in self.any_of])
        return RequirementGroup(intern(self.id), self.necessity, forms, self.weight, self.verified_only)


class OpeningRead(ReaderStruct, frozen=True, kw_only=True):
    """An opening as its employer's service tells it (MARKET.md section 3)."""

    opening_id: Id
    employer_id: Id
    region: Place
    title: Annotated[str, Meta(max_length=LONGEST_TITLE)]
    occupation: Annotated[str, Meta(max_length=LONGEST_WORD)] | None = None
    zip: Zip | None = None
    remote: bool = False
    positions: Annotated[int, Meta(ge=1, le=MOST_POSITIONS)]
    filled: Annotated[int, Meta(ge=0, le=MOST_POSITIONS)] = 0
    start_by: date | None = None
    closes_on: date | None = None
    shifts: frozenset[Shift] = frozenset()
    wage_min: Cents | None = None
    wage_max: Cents | None = None
    groups: Annotated[tuple[GroupRead, ...], Meta(max_length=MOST_GROUPS)] = ()
    status: OpeningStatus

    def __post_init__(self) -> None:
        if (self.zip is None) is not self.remote:
            raise ValueError("exactly one of zip and remote")
        if self.region != ("remote" if self.zip is None else _require_place(self.zip)):
            raise ValueError("the region does not follow from the place")
        if self.filled > self.positions:
            raise ValueError("filled above positions")
        _require_days(self.start_by, self.closes_on)
        if len({group.id for group in self.groups}) != len(self.groups):
            raise ValueError("a group id is repeated")

    def to_domain(self, version: int) -> MarketOpening:
        return MarketOpening(
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

    def __post_init__(self) -> None:
        _require_days(self.issued_on, self.expires_on, self.expected_on)

    def to_domain(self) -> MarketAward:
        return MarketAward(
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
    region: Place
    zip: Zip
    reach_km: Annotated[int, Meta(ge=1, le=300)] = 40
    remote_ok: bool = False
    seeking: bool
    seeking_since: date | None = None
    consents_to_matching: bool
    available_from: date | None = None
    shifts: frozenset[Shift] = frozenset()
    wage_floor: Cents | None = None
    awards: Annotated[tuple[AwardRead, ...], Meta(max_length=MOST_AWARDS)] = ()

    def __post_init__(self) -> None:
        _require_place(self.zip)
        _require_days(self.seeking_since, self.available_from)
        if len({award.award_id for award in self.awards}) != len(self.awards):
            raise ValueError("an award id is repeated")

    def to_domain(self, version: int) -> MarketLearner:
        return MarketLearner(
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
    region: Place


class CohortRead(ReaderModel):
    cohort_id: Identifier
    provider_id: Identifier
    credential: Identifier
    region: Region
    seats: Seats
    enrolled: Seats
    starts_on: Day
    ends_on: Day

    def to_domain(self, version: int) -> MarketCohort:
        return MarketCohort(**{name: getattr(self, name) for name in type(self).model_fields}, version=version)


class CohortEndRead(ReaderModel):
    cohort_id: Identifier
    region: Region


class CompetencyEntryRead(ReaderModel):
    id: Identifier
    name: Text

    def to_domain(self) -> MarketCompetency:
        return MarketCompetency(self.id, self.name)


class ConferralRead(ReaderModel):
    competency: Identifier
    level: Level


class CredentialEntryRead(ReaderModel):
    """A credential definition (MARKET.md section 2)."""

    id: Identifier
    name: Text
    issuer: Text
    aliases: Annotated[tuple[Text, ...], Field(max_length=MOST_LISTED)] = ()
    confers: Annotated[tuple[ConferralRead, ...], Field(max_length=MOST_LISTED)] = ()
    implies: Annotated[tuple[Identifier, ...], Field(max_length=MOST_LISTED)] = ()
    composed_of: Annotated[tuple[Identifier, ...], Field(max_length=MOST_LISTED)] = ()
    valid_months: Annotated[int, Field(ge=1, le=1_200, strict=True)] | None = None
    training_weeks: Annotated[int, Field(ge=0, le=1_000, strict=True)] | None = None
    references: Annotated[tuple[Text, ...], Field(max_length=MOST_LISTED)] = ()

    def to_domain(self) -> MarketCredential:
        fields = {name: getattr(self, name) for name in type(self).model_fields if name != "confers"}
        confers = tuple(CompetencyLevel(each.competency, each.level) for each in self.confers)
        return MarketCredential(**fields, confers=confers)


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

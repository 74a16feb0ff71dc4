"""The events of openings as this service reads them, and the openings that they stand for."""

from datetime import date
from functools import lru_cache
from sys import intern
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from contracts.topics import OPENING
from contracts.wire import (
    LONGEST_TITLE,
    LONGEST_WORD,
    MOST_ALTERNATIVES,
    MOST_GROUPS,
    MOST_POSITIONS,
)
from makersync.effects.reading import Reader, ReaderStruct
from matching.adapters.subject_fields import Cents, Id, Place, Zip, kinds_of, require_days, require_place
from matching.domain.market.subjects import (
    Alternative,
    CompetencyAlternative,
    CredentialAlternative,
    MarketOpening,
    Necessity,
    OpeningStatus,
    RequirementGroup,
    Shift,
)


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


#: Hundreds of thousands of openings ask for the same few things, so each is one object.
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
    """An opening as the openings service publishes it (MARKET.md section 3)."""

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
        if self.region != ("remote" if self.zip is None else require_place(self.zip)):
            raise ValueError("the region does not follow from the place")
        if self.filled > self.positions:
            raise ValueError("filled above positions")
        require_days(self.start_by, self.closes_on)
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


OPENING_READER = Reader(OPENING, dict.fromkeys(kinds_of("openings.", OPENING.types), OpeningRead))

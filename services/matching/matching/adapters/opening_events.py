"""The events of openings as this service reads them, and the openings that they stand for."""

from datetime import date
from functools import lru_cache
from sys import intern
from typing import Annotated

from msgspec import UNSET, Meta, UnsetType

from contracts.topics import OPENING
from contracts.vocabulary import Necessity, OpeningStatus, Shift
from contracts.wire import MOST_ALTERNATIVES, MOST_GROUPS
from makersync.effects.reading import Reader, ReaderStruct
from matching.adapters.subject_fields import (
    Cents,
    Filled,
    Id,
    Level,
    Place,
    Positions,
    Reference,
    Title,
    Word,
    Zip,
    given,
    kinds_of,
    require_days,
    require_region,
)
from matching.domain.market.subjects import (
    Alternative,
    CompetencyAlternative,
    CredentialAlternative,
    MarketOpening,
    RequirementGroup,
)


class AlternativeRead(ReaderStruct, frozen=True, kw_only=True):
    """A credential, or a competency at a level."""

    credential: Reference | UnsetType = UNSET
    competency: Reference | UnsetType = UNSET
    level: Level | UnsetType = UNSET

    def __post_init__(self) -> None:
        given = tuple(each is not UNSET for each in (self.credential, self.competency, self.level))
        if given not in ((True, False, False), (False, True, True)):
            raise ValueError("either a credential or a competency with its level")


class GroupRead(ReaderStruct, frozen=True, kw_only=True):
    id: Id
    necessity: Necessity
    any_of: Annotated[tuple[AlternativeRead, ...], Meta(min_length=1, max_length=MOST_ALTERNATIVES)]
    weight: Annotated[int, Meta(ge=1, le=10)] = 1
    verified_only: bool = False


class OpeningRead(ReaderStruct, frozen=True, kw_only=True):
    """An opening as the openings service publishes it (MARKET.md section 3)."""

    opening_id: Id
    employer_id: Id
    region: Place
    title: Title
    occupation: Word | None = None
    zip: Zip | None = None
    remote: bool = False
    positions: Positions
    filled: Filled = 0
    start_by: date | None = None
    closes_on: date | None = None
    shifts: frozenset[Shift] = frozenset()
    wage_min: Cents | None = None
    wage_max: Cents | None = None
    groups: Annotated[tuple[GroupRead, ...], Meta(max_length=MOST_GROUPS)] = ()
    status: OpeningStatus

    def __post_init__(self) -> None:
        require_region(self.region, self.zip, self.remote)
        if self.filled > self.positions:
            raise ValueError("filled above positions")
        require_days(self.start_by, self.closes_on)
        if len({group.id for group in self.groups}) != len(self.groups):
            raise ValueError("a group id is repeated")

    def to_domain(self, version: int) -> MarketOpening:
        return opening_of(self, self.region, version)


def opening_of(read: OpeningRead, region: str, version: int) -> MarketOpening:
    """The opening that an event or a market file describes; what the file leaves out has its default."""
    return MarketOpening(
        opening_id=read.opening_id,
        employer_id=intern(read.employer_id),
        title=intern(read.title),
        region=intern(region),
        zip=_interned(given(read.zip)),
        remote=bool(read.remote),
        positions=read.positions,
        filled=read.filled or 0,
        occupation=_interned(given(read.occupation)),
        start_by=read.start_by or None,
        closes_on=read.closes_on or None,
        shifts=frozenset(read.shifts or ()),
        wage_min=given(read.wage_min),
        wage_max=given(read.wage_max),
        groups=tuple([group_of(each) for each in read.groups or ()]),
        status=read.status,
        version=version,
    )


def _interned(text: str | None) -> str | None:
    return text and intern(text)


def group_of(read: GroupRead) -> RequirementGroup:
    """The group that a document describes."""
    any_of = tuple([_alternative_of(each) for each in read.any_of])
    return RequirementGroup(intern(read.id), read.necessity, any_of, read.weight or 1, bool(read.verified_only))


def _alternative_of(read: AlternativeRead) -> Alternative:
    if read.credential:
        return _credential(read.credential)
    assert read.competency and read.level
    return _competency(read.competency, read.level)


#: Hundreds of thousands of openings ask for the same few things, so each is one object.
_credential = lru_cache(maxsize=1 << 16)(CredentialAlternative)
_competency = lru_cache(maxsize=1 << 16)(CompetencyAlternative)


OPENING_READER = Reader(OPENING, dict.fromkeys(kinds_of("openings.", OPENING.types), OpeningRead))

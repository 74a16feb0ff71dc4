"""Events of drafts as this service reads them, and the openings that they are taken for (MARKET.md section 15)."""

from datetime import date
from typing import Annotated

from msgspec import Meta

from contracts.topics import DRAFT
from contracts.vocabulary import Shift
from contracts.wire import MOST_GROUPS
from makersync.effects.reading import Reader, ReaderStruct
from matching.adapters.opening_events import GroupRead, group_of
from matching.adapters.subject_fields import Cents, Id, Place, Positions, Zip, require_days, require_region
from matching.domain.market.subjects import MarketOpening


class DraftRead(ReaderStruct, frozen=True, kw_only=True):
    """A draft as the openings service publishes it: what gates and groups look at."""

    draft_id: Id
    employer_id: Id
    region: Place
    zip: Zip | None = None
    remote: bool = False
    positions: Positions
    start_by: date | None = None
    closes_on: date | None = None
    shifts: frozenset[Shift] = frozenset()
    wage_min: Cents | None = None
    wage_max: Cents | None = None
    groups: Annotated[tuple[GroupRead, ...], Meta(max_length=MOST_GROUPS)] = ()

    def __post_init__(self) -> None:
        require_region(self.region, self.zip, self.remote)
        require_days(self.start_by, self.closes_on)
        if len({group.id for group in self.groups}) != len(self.groups):
            raise ValueError("a group id is repeated")

    def to_domain(self, version: int) -> MarketOpening:
        """An opening that is open and has nothing filled; it never is part of a market."""
        return MarketOpening(
            opening_id=self.draft_id,
            employer_id=self.employer_id,
            title="",
            region=self.region,
            zip=self.zip,
            remote=self.remote,
            positions=self.positions,
            start_by=self.start_by,
            closes_on=self.closes_on,
            shifts=self.shifts,
            wage_min=self.wage_min,
            wage_max=self.wage_max,
            groups=tuple(group_of(each) for each in self.groups),
            version=version,
        )


class DraftEndRead(ReaderStruct, frozen=True, kw_only=True):
    draft_id: Id
    employer_id: Id
    region: Place


DRAFT_READER = Reader(DRAFT, {"DraftSubmitted": DraftRead, "DraftEnded": DraftEndRead})

"""What the service remembers of past days by cell and by opening: the basis of the indicators."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from matching.domain.cells.shortage_cell import Cell
from matching.domain.market.subjects import MarketOpening

KEPT_DAYS = 400
"""Older days and openings that ended longer ago are deleted: a year and a month, so that seasons can be compared."""


class Source(StrEnum):
    """Where a record comes from. What is drawn from both kinds is `mixed`."""

    LIVE = "live"
    SIMULATED = "simulated"
    MIXED = "mixed"

    @classmethod
    def of(cls, sources: Iterable["Source"]) -> "Source":
        """The source of what is drawn from records of these sources; live when there are none."""
        found = set(sources)
        return cls.MIXED if len(found) > 1 else next(iter(found), cls.LIVE)


@dataclass(frozen=True, slots=True)
class DayEnd:
    """The cells of a partition's regions as `day` ended, before anything of the next day was settled."""

    day: date
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class CellDay:
    """A cell's demand (thousandths of positions) at the end of a day."""

    day: date
    demand: int
    source: Source = Source.LIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningLife:
    """An opening from its publication to its end, in market dates.

    `subjects` are those of its required groups. `wage` is the midpoint of the posted range, US cents an hour, None unless both
    ends are posted. `published_on` is None when its first event was not seen (a database rebuilt, a service started late).
    `filled_on` and `closed_on` exclude each other and are None while it is open; a reopened opening has neither.
    """

    opening_id: str
    employer_id: str
    subjects: frozenset[str]
    positions: int
    filled: int
    occupation: str | None = None
    wage: int | None = None
    published_on: date | None = None
    filled_on: date | None = None
    closed_on: date | None = None
    closes_on: date | None = None
    source: Source = Source.LIVE

    def ended_on(self, day: date) -> date | None:
        """The date on which it was filled, closed, or expired, None while it is open on `day`."""
        expired_on = self.closes_on if self.closes_on is not None and self.closes_on < day else None
        return self.filled_on or self.closed_on or expired_on


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionHistory:
    """What is remembered of one region as of a day, which is not over and not among the days.

    `cells` by subject, each in any order; `market` is the demand of all the region's cells by day, on every day that was kept.
    """

    region: str
    as_of: date
    cells: Mapping[str, tuple[CellDay, ...]] = field(default_factory=dict)
    market: Mapping[date, int] = field(default_factory=dict)
    openings: tuple[OpeningLife, ...] = ()

    def subjects(self) -> frozenset[str]:
        """Every subject that anything is remembered of."""
        return frozenset(self.cells).union(*(life.subjects for life in self.openings))

    def of(self, subject: str) -> tuple[OpeningLife, ...]:
        """The openings that require the subject."""
        return tuple(life for life in self.openings if subject in life.subjects)


def life_of(opening: MarketOpening, day: date, before: OpeningLife | None) -> OpeningLife:
    """The opening's life after the news of `day`; `before` is what was remembered of it, None when nothing."""
    filled, closed = opening.remaining == 0 or opening.status == "filled", opening.status == "closed"
    known = before is not None or opening.version > 1
    return OpeningLife(
        opening_id=opening.opening_id,
        employer_id=opening.employer_id,
        subjects=frozenset(subject for group in opening.required for subject in group.subjects),
        positions=opening.positions,
        filled=opening.filled,
        occupation=opening.occupation,
        wage=_midpoint(opening),
        published_on=(before.published_on if before else None) if known else day,
        filled_on=((before.filled_on if before else None) or day) if filled else None,
        closed_on=((before.closed_on if before else None) or day) if closed and not filled else None,
        closes_on=opening.closes_on,
    )


def _midpoint(opening: MarketOpening) -> int | None:
    if opening.wage_min is None or opening.wage_max is None:
        return None
    return (opening.wage_min + opening.wage_max) // 2

"""What one region's market is rebuilt from, and what settling it changes (MARKET.md sections 10, 12 and 13)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from matching.domain.cells.shortage_cell import CellRecord, Signal
from matching.domain.market.subjects import MarketCohort, MarketLearner, MarketOpening
from matching.domain.rules.matches import MatchChange, StoredMatch


class Ending(StrEnum):
    """How a subject left a region: `withdrawn` (moved away, or no longer reaching it) or `erased` for good."""

    WITHDRAWN = "withdrawn"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Ended:
    """A subject that ended; its version is kept so that a late copy changes nothing."""

    id: str
    version: int
    ending: Ending


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionState:
    """What one region's market is rebuilt from: the newest state of every subject, and the last event of every pair and cell.

    `cells` and `matches` are those of `day`. No pair that is not among `matches` ever had a version above
    `match_floor`.
    """

    region: str
    day: date
    openings: tuple[MarketOpening, ...] = ()
    ended_openings: tuple[Ended, ...] = ()
    learners: Iterable[MarketLearner] = ()
    ended_learners: tuple[Ended, ...] = ()
    cohorts: tuple[MarketCohort, ...] = ()
    ended_cohorts: tuple[Ended, ...] = ()
    matches: Iterable[StoredMatch] = ()
    match_floor: int = 0
    cells: tuple[CellRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Settlement:
    """The net differences of a batch, each ordered by its ids.

    `cells` are the records that changed, with or without a signal: to store, not to publish.
    """

    matches: tuple[MatchChange, ...] = ()
    signals: tuple[Signal, ...] = ()
    cells: tuple[CellRecord, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be stored or published."""
        return not (self.matches or self.signals or self.cells)

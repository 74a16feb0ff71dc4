"""What a region's market remembers and what a settlement changes (MARKET.md sections 10, 12 and 13).

Records are what the service stores; changes are what it publishes. Versions belong to a pair or a cell, and only grow: by one
with each event, as long as the last one is remembered. What there is by the million is a `Struct`: frozen dataclasses take
several times as long.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum

from msgspec import Struct

from matching.domain.market import Cohort, Evidence, Learner, Opening


class Components(Struct, frozen=True):
    """The parts of a score, each 0..10000, None where undefined (section 8)."""

    preferred: int | None
    trainable: int | None
    evidence: int | None


class GroupOutcome(Struct, frozen=True):
    """How a learner meets one group: evidence None and no awards when unmet (section 5); award ids are sorted."""

    id: str
    met: bool
    evidence: Evidence | None
    awards: tuple[str, ...]


class MatchFacts(Struct, frozen=True):
    """What a match says; a difference in any of it is a `revised` event (section 10). Score is 0..10000."""

    score: int
    components: Components
    outcomes: tuple[GroupOutcome, ...]
    seeking_since: date | None


class MatchBasis(Struct, frozen=True):
    """What a match stood on at its last event, from which the reason of a withdrawal follows (section 10)."""

    opening_version: int
    groups_digest: str
    awards_digest: str


NO_FACTS = MatchFacts(score=0, components=Components(None, None, None), outcomes=(), seeking_since=None)
NO_BASIS = MatchBasis(opening_version=0, groups_digest="", awards_digest="")


class MatchRecord(Struct, frozen=True):
    """The last event of a pair: `live` until it is withdrawn.

    Only the version outlives the match: facts and basis are then `NO_FACTS` and `NO_BASIS`, because the learner may
    be erased and nobody would come back to clear them.
    """

    opening_id: str
    learner_id: str
    version: int
    live: bool
    facts: MatchFacts
    basis: MatchBasis


class StoredMatch(Struct, frozen=True):
    """What a market is rebuilt from of a pair's last event: a digest of what a live match says, nothing of an ended one."""

    opening_id: str
    learner_id: str
    version: int
    facts: bytes | None = None
    basis: MatchBasis = NO_BASIS


class MatchKind(StrEnum):
    """The events of a match (section 10)."""

    PROPOSED = "proposed"
    REVISED = "revised"
    WITHDRAWN = "withdrawn"


class WithdrawalReason(StrEnum):
    """Why a match ended (section 10), in the order in which a reason applies."""

    ERASED = "erased"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    OPENING_CLOSED = "opening_closed"
    OPENING_EXPIRED = "opening_expired"
    OPENING_CHANGED = "opening_changed"
    LEARNER_UNAVAILABLE = "learner_unavailable"
    RULES_CHANGED = "rules_changed"
    CREDENTIAL_LAPSED = "credential_lapsed"
    OUTRANKED = "outranked"


class MatchChange(Struct, frozen=True):
    """One event of a match: the record to store and what to publish.

    A withdrawal has a reason and no facts.
    `opening_version` and `learner_version` are those evaluated, None for a subject the market never saw; `opening` and
    `learner` are None once they have ended.
    """

    kind: MatchKind
    reason: WithdrawalReason | None
    record: MatchRecord
    opening_version: int | None
    learner_version: int | None
    policy_version: int
    day: date
    opening: Opening | None
    learner: Learner | None


class Level(IntEnum):
    """How short a subject is (section 12), ordered; INSUFFICIENT_DATA is below every published level."""

    INSUFFICIENT_DATA = 0
    SURPLUS = 1
    BALANCED = 2
    SHORTAGE = 3
    SEVERE = 4

    @property
    def word(self) -> str:
        """The level as files and events name it, such as ``insufficient_data``."""
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> "Level":
        """The level that `word` names; KeyError when none does."""
        return cls[word.upper()]


@dataclass(frozen=True, slots=True)
class CellMeasure:
    """The components of a cell (section 12): demand, pipeline seats and supply as the section counts them.

    `demand` and `tightness` are thousandths; everything else counts. `top_credentials` are in the section's order.
    """

    demand: int
    openings: int
    employers: int
    supply: int
    supply_home: int
    pipeline: int
    blocked: int
    tightness: int
    top_credentials: tuple[str, ...]


class SignalKind(StrEnum):
    """The events of a cell (section 13)."""

    RAISED = "raised"
    EASED = "eased"
    CLEARED = "cleared"
    SILENCED = "silenced"
    REVISED = "revised"


@dataclass(frozen=True, slots=True)
class Signal:
    """One event of a cell, with all its components (section 13).

    The measure of a cell that vanished counts no openings; its supply and pipeline are as they are.
    """

    region: str
    subject: str
    version: int
    kind: SignalKind
    level: Level
    measure: CellMeasure
    policy_version: int
    day: date


@dataclass(frozen=True, slots=True)
class CellRecord:
    """What a cell remembers: its level now, the level at the end of yesterday (UTC), its last signal.

    `previous_level` is None without a level yesterday, and from the moment a cell has insufficient data or
    vanishes ("insufficient_data forgets yesterday"). A vanished cell's level is INSUFFICIENT_DATA.
    """

    region: str
    subject: str
    level: Level
    previous_level: Level | None = None
    signal: Signal | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as it stands: its components and its level with history."""

    region: str
    subject: str
    level: Level
    measure: CellMeasure


@dataclass(frozen=True, slots=True)
class RankedMatch:
    """A live match as a reader sees it: rank counts from 1 on the opening's shortlist (section 9)."""

    opening_id: str
    learner_id: str
    rank: int
    facts: MatchFacts


@dataclass(frozen=True, slots=True)
class Unlocked:
    """A credential that a learner lacks, and the positions, at least 1, that it alone would unlock (section 11)."""

    credential: str
    unlocked: int


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
    """All that one region's market is rebuilt from: the newest of every subject, and the last event of every pair and cell.

    `day` is the UTC date that `cells` and `matches` stand on. No pair that is not among `matches` ever had a version above
    `match_floor`.
    """

    region: str
    day: date
    openings: tuple[Opening, ...] = ()
    ended_openings: tuple[Ended, ...] = ()
    learners: Iterable[Learner] = ()
    ended_learners: tuple[Ended, ...] = ()
    cohorts: tuple[Cohort, ...] = ()
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

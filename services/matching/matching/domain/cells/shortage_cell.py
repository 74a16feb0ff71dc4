"""What a shortage cell is: its components, its level with history, and its signals (MARKET.md sections 12 and 13)."""

from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum


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

    `demand`, `employer_share`, `tightness` and `tightness_ahead` are thousandths; everything else counts. `top_credentials` are
    in the section's order.
    """

    demand: int
    openings: int
    employers: int
    supply: int
    supply_home: int
    pipeline: int
    blocked: int
    tightness: int
    employer_share: int
    tightness_ahead: int
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

    The measure of a cell that vanished counts no openings; its supply and pipeline are as they are. `level_ahead` is None
    only for a signal that was published before there was one, by version 1 of the rules.
    """

    region: str
    subject: str
    version: int
    kind: SignalKind
    level: Level
    level_ahead: Level | None
    measure: CellMeasure
    policy_version: int
    day: date


@dataclass(frozen=True, slots=True)
class CellRecord:
    """What a cell remembers: its level now, the level at the end of yesterday, its last signal.

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
    """A cell as it stands: its components, its level with history, and its level once those in training finish."""

    region: str
    subject: str
    level: Level
    level_ahead: Level
    measure: CellMeasure

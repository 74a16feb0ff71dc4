"""Shortage signals as providers and operators see them (MARKET.md sections 12 and 13)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

#: The level of a cell under the evidence guard: too few openings or employers, or too much of one employer, to be a finding.
GUARDED = "insufficient_data"
LEVELS = (GUARDED, "surplus", "balanced", "shortage", "severe")
#: How far ahead those in training are counted, by default of the policy (MARKET.md section 12).
AHEAD_DAYS = 180


@dataclass(frozen=True, slots=True)
class SignalComponents:
    """The last two are None in a signal by version 1 of the market rules."""

    demand: int
    openings: int
    employers: int
    supply: int
    supply_home: int
    pipeline: int
    blocked: int
    tightness: int
    employer_share: int | None
    tightness_ahead: int | None


@dataclass(frozen=True, slots=True)
class ShortageSignal:
    """The newest signal of a cell. `components` None: left out under the evidence guard. `indicators` as the contract of the
    matching service has them, None where it published none. `level_ahead` None: by version 1 of the market rules."""

    region: str
    subject: str
    kind: str
    level: str
    components: SignalComponents | None
    top_credentials: tuple[str, ...]
    policy_version: int
    day: date
    at: datetime
    version: int
    indicators: Mapping[str, Any] | None = None
    level_ahead: str | None = None


def guarded(signal: ShortageSignal) -> ShortageSignal:
    """The signal as a provider is shown it: under the evidence guard, the level without what would be read as a finding.

    This keeps nothing secret: matches and pathways show the openings behind it (MARKET.md section 13).
    """
    if signal.level != GUARDED:
        return signal
    return replace(signal, components=None, top_credentials=(), indicators=None)


def kind_of(subject: str) -> str:
    return subject.partition(":")[0]


@dataclass(frozen=True, slots=True)
class SignalDay:
    """What the last signal of a day said of a cell. It stands until the next one."""

    day: date
    level: str
    demand: int
    supply: int
    pipeline: int
    blocked: int
    tightness: int


#: From which tightness on a cell has each level, in thousandths (MARKET.md section 12).
LEVEL_FROM: Mapping[str, int] = {"surplus": 0, "balanced": 667, "shortage": 1500, "severe": 3000}
#: What is added to both sides of a tightness, so that few people and positions make no extreme one.
SMOOTHING = 2000


def tightness_with(components: SignalComponents, seats: int) -> int:
    """The tightness once the pipeline and so many more people are supply, in thousandths (MARKET.md section 12)."""
    supply = components.supply + components.pipeline + seats
    return 1000 * (components.demand + SMOOTHING) // (1000 * supply + SMOOTHING)


def level_at(tightness: int) -> str:
    """The level that a tightness has, without memory of yesterday's."""
    return max((level for level in LEVEL_FROM if LEVEL_FROM[level] <= tightness), key=LEVEL_FROM.__getitem__)


def seats_to_balance(components: SignalComponents) -> int:
    """How many more people bring the level ahead below a shortage; 0 when it is below already."""
    threshold = LEVEL_FROM["shortage"]
    least = (1000 * (components.demand + SMOOTHING)) // threshold - SMOOTHING
    seats = max(0, least // 1000 - components.supply - components.pipeline)
    while level_at(tightness_with(components, seats)) in ("shortage", "severe"):
        seats += 1
    return seats

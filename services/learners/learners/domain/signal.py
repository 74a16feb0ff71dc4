"""Shortage signals as providers and operators see them (MARKET.md sections 12 and 13)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

#: The level of a cell under the evidence guard: too few openings or employers, or too much of one employer, to be a finding.
GUARDED = "insufficient_data"
LEVELS = (GUARDED, "surplus", "balanced", "shortage", "severe")


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

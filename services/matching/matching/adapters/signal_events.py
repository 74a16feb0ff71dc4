"""Shortage signals as they are published (MARKET.md section 13)."""

from contracts.indicators import CellIndicators
from contracts.matching import ShortageState
from contracts.topics import SKILL_SHORTAGE
from makersync.effects.outbox import NewEvent
from matching.application.settling import SignalAnnouncement
from matching.domain.cells.shortage_cell import CellMeasure


def shortage_state(announced: SignalAnnouncement, indicators: CellIndicators | None = None) -> ShortageState:
    """A signal as published (MARKET.md section 13)."""
    signal, measure = announced.signal, announced.signal.measure
    return ShortageState.model_validate(
        {
            "region": signal.region,
            "subject": signal.subject,
            "level": signal.level.word,
            "level_ahead": signal.level_ahead.word if signal.level_ahead is not None else None,
            "previous_level": announced.previous_level,
            "policy_version": signal.policy_version,
            "day": signal.day,
            **{name: getattr(measure, name) for name in CellMeasure.__dataclass_fields__},
            "indicators": indicators,
        }
    )


def signal_event(announced: SignalAnnouncement, indicators: CellIndicators | None = None) -> NewEvent:
    """One event of a cell; its subject is the cell's."""
    signal = announced.signal
    return NewEvent(
        topic=SKILL_SHORTAGE,
        kind=f"Shortage{signal.kind.value.capitalize()}",
        subject=signal.subject,
        region=signal.region,
        version=signal.version,
        state=shortage_state(announced, indicators),
        cause=announced.cause,
    )

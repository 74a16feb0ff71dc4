"""Shortage signals as they are published (MARKET.md section 13)."""

from contracts.matching import CellIndicators, ShortageState
from contracts.topics import SKILL_SHORTAGE
from makersync.effects.outbox import NewEvent
from matching.application.settling import ToldSignal
from matching.domain.cells.shortage_cell import CellMeasure


def shortage_state(told: ToldSignal, indicators: CellIndicators | None = None) -> ShortageState:
    """A signal as published (MARKET.md section 13)."""
    signal, measure = told.signal, told.signal.measure
    return ShortageState.model_validate(
        {
            "region": signal.region,
            "subject": signal.subject,
            "level": signal.level.word,
            "previous_level": told.previous_level,
            "policy_version": signal.policy_version,
            "day": signal.day,
            **{name: getattr(measure, name) for name in CellMeasure.__dataclass_fields__},
            "indicators": indicators,
        }
    )


def signal_event(told: ToldSignal, indicators: CellIndicators | None = None) -> NewEvent:
    """One event of a cell; its subject is the cell's."""
    signal = told.signal
    return NewEvent(
        topic=SKILL_SHORTAGE,
        kind=f"Shortage{signal.kind.value.capitalize()}",
        subject=signal.subject,
        region=signal.region,
        version=signal.version,
        state=shortage_state(told, indicators),
        cause=told.cause,
    )

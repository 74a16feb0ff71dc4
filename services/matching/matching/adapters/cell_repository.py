"""Cells as they are stored: level, yesterday's level and last signal."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.store.upserts import upsert
from matching.adapters.cell_tables import CellRow
from matching.domain.cells.shortage_cell import CellMeasure, CellRecord, Level, Signal, SignalKind

_MISSING_BEFORE = {"employer_share": 0, "tightness_ahead": 0}
"""For a signal by version 1 of the rules, which has neither, and no level ahead: it is revised whatever these are."""


def signal_document(signal: Signal) -> dict[str, Any]:
    """A signal as stored in its cell's row."""
    measure = {name: getattr(signal.measure, name) for name in CellMeasure.__dataclass_fields__}
    return {
        "version": signal.version,
        "kind": signal.kind.value,
        "level": signal.level.word,
        "level_ahead": signal.level_ahead.word if signal.level_ahead is not None else None,
        "measure": measure | {"top_credentials": list(signal.measure.top_credentials)},
        "policy_version": signal.policy_version,
        "day": signal.day.isoformat(),
    }


def cell_record(region: str, subject: str, level: str, previous: str | None, signal: Mapping[str, Any] | None) -> CellRecord:
    """The record that a stored cell stands for."""
    return CellRecord(
        region,
        subject,
        Level.of(level),
        Level.of(previous) if previous else None,
        None if signal is None else _signal(region, subject, signal),
    )


def _signal(region: str, subject: str, document: Mapping[str, Any]) -> Signal:
    measure, ahead = document["measure"], document.get("level_ahead")
    return Signal(
        region,
        subject,
        document["version"],
        SignalKind(document["kind"]),
        Level.of(document["level"]),
        None if ahead is None else Level.of(ahead),
        CellMeasure(**(_MISSING_BEFORE | measure | {"top_credentials": tuple(measure["top_credentials"])})),
        document["policy_version"],
        date.fromisoformat(document["day"]),
    )


async def save_cells(session: AsyncSession, partition: int, records: Sequence[CellRecord]) -> None:
    """Write what cells remember now."""
    await upsert(session, CellRow, [_cell_row(partition, record) for record in records], ["region", "subject"])


def _cell_row(partition: int, record: CellRecord) -> dict[str, Any]:
    return {
        "region": record.region,
        "subject": record.subject,
        "partition": partition,
        "level": record.level.word,
        "previous_level": record.previous_level.word if record.previous_level is not None else None,
        "version": record.signal.version if record.signal else 0,
        "signal": signal_document(record.signal) if record.signal else None,
    }

"""The log of attempts: one entry for each claim of a delivery, whatever becomes of the process that has claimed it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.delivery.outcomes import UNKNOWN, Outcome
from makersync.delivery.tables import AttemptRow, DeliveryRow
from makersync.store.upserts import Row, insert_missing

_KEYS = ("delivery_id", "number")


@dataclass(frozen=True, slots=True)
class DeliveryAttempt:
    """What an attempt at a delivery has come to. The delivery is as it was claimed."""

    delivery: DeliveryRow
    outcome: Outcome


async def keep_outcomes(session: AsyncSession, attempts: Sequence[DeliveryAttempt]) -> None:
    """Keep each once, however often it is told: an answer of the database may have been lost after the commit. The webhooks'
    rows are locked."""
    await insert_missing(session, AttemptRow, [_entry(each) for each in attempts], _KEYS)


async def keep_late_outcome(session: AsyncSession, attempt: DeliveryAttempt) -> None:
    """Another sender has the delivery's turn, and has logged that this attempt's outcome is unknown. Now it is known."""
    entry = _entry(attempt)
    same = [col(getattr(AttemptRow, name)) == entry[name] for name in _KEYS]
    await session.exec(update(AttemptRow).where(*same, col(AttemptRow.outcome) == UNKNOWN).values(**entry))


async def keep_unknown(session: AsyncSession, claims: Sequence[tuple[str, int, datetime]]) -> None:
    """Deliveries, numbers of claims and their times, whose leases are over although nobody has told what came of them."""
    nothing = {"outcome": UNKNOWN, "status": None, "duration_ms": None, "answer": None}
    rows: list[Row] = [{"delivery_id": whose, "number": number, "at": at, **nothing} for whose, number, at in claims]
    await insert_missing(session, AttemptRow, rows, _KEYS)


def _entry(attempt: DeliveryAttempt) -> Row:
    outcome = attempt.outcome
    return {
        "delivery_id": attempt.delivery.id,
        "number": attempt.delivery.claim,
        "at": outcome.at,
        "outcome": outcome.name,
        "status": outcome.status,
        "duration_ms": outcome.duration_ms,
        "answer": outcome.answer,
    }

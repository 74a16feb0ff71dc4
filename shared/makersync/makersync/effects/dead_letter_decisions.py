"""Operators' decisions about dead letters: which ones, what, why, and at which rate."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.effects.dead_letters import DEAD, DISMISSED, OPEN, REQUESTED
from makersync.store.tables import AuditRow, DeadLetterRow

#: Databases limit the number of parameters in one statement.
AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class DeadLetterSelection:
    """Dead letters that match all given fields; None matches anything. `subject` is a subject's id or the whole record
    key. They were set aside from `seen_from` on and before `seen_before`."""

    ids: tuple[int, ...] | None = None
    consumer: str | None = None
    topic: str | None = None
    partition: int | None = None
    reason: str | None = None
    subject: str | None = None
    statuses: tuple[str, ...] | None = (OPEN,)
    seen_from: datetime | None = None
    seen_before: datetime | None = None

    @property
    def is_everything(self) -> bool:
        """Whether nothing but the statuses restricts the selection."""
        restricting = (self.ids, self.consumer, self.topic, self.partition, self.reason, self.subject)
        return all(each is None for each in (*restricting, self.seen_from, self.seen_before))

    def clauses(self) -> list[ColumnElement[bool]]:
        """The conditions in SQL, without the subject."""
        wanted = {name: getattr(self, name) for name in ("consumer", "topic", "partition", "reason")}
        found = [DEAD.c[name] == value for name, value in wanted.items() if value is not None]
        found += [DEAD.c.seen_at >= self.seen_from] if self.seen_from is not None else []
        found += [DEAD.c.seen_at < self.seen_before] if self.seen_before is not None else []
        among = {"status": self.statuses, "id": self.ids}
        return found + [DEAD.c[name].in_(values) for name, values in among.items() if values is not None]

    def names(self, key: bytes | None) -> bool:
        """Whether a record with this key belongs to the subject."""
        if self.subject is None:
            return True
        text = (key or b"").decode(errors="replace")
        return text == self.subject or text.partition("/")[2] == self.subject


@dataclass(frozen=True, slots=True)
class Decision:
    """`status` is the new status: requested (replay) or dismissed. `rate` limits replays per second; None means no limit."""

    status: Literal["requested", "dismissed"]
    actor: str
    because: str | None = None
    rate: float | None = None

    @property
    def takes(self) -> tuple[str, ...]:
        """The statuses that this decision applies to. Dismissing also cancels a requested replay that cannot run because no
        process holds the partition."""
        return (OPEN, REQUESTED) if self.status == DISMISSED else (OPEN,)


async def selected_ids(session: AsyncSession, selection: DeadLetterSelection) -> list[int]:
    """The ids of the selected dead letters, oldest first."""
    query = select(DeadLetterRow.id, DeadLetterRow.key).where(*selection.clauses()).order_by(col(DeadLetterRow.id))
    return [number for number, key in (await session.exec(query)).all() if number is not None and selection.names(key)]


async def letters(session: AsyncSession, ids: Sequence[int]) -> list[DeadLetterRow]:
    """The dead letters with their records, oldest first."""
    found: list[DeadLetterRow] = []
    for start in range(0, len(ids), AT_ONCE):
        here = col(DeadLetterRow.id).in_(ids[start : start + AT_ONCE])
        found += (await session.exec(select(DeadLetterRow).where(here).order_by(col(DeadLetterRow.id)))).all()
    return found


async def decide(session: AsyncSession, clock: Clock, ids: Sequence[int], decision: Decision) -> Counter[str]:
    """Apply the decision to those dead letters whose status allows it; returns how many, by their former status. Each one is
    written to the audit table."""
    decided = Counter[str]()
    for start in range(0, len(ids), AT_ONCE):
        rows = [row for row in await letters(session, ids[start : start + AT_ONCE]) if row.status in decision.takes]
        for row in rows:
            before = decided.total()
            decided[row.status] += 1
            _decide_on(session, clock.now(), row, decision, before)
        await session.flush()
    return decided


def _decide_on(session: AsyncSession, now: datetime, row: DeadLetterRow, decision: Decision, before: int) -> None:
    row.status, row.resolved_at, row.resolved_by, row.note = decision.status, now, decision.actor, decision.because
    row.replay_at = now + timedelta(seconds=before / decision.rate) if decision.rate and before else None
    session.add(row)
    detail = {"consumer": row.consumer, "topic": row.topic, "partition": row.partition, "offset": row.offset}
    detail |= {} if decision.because is None else {"because": decision.because}
    action = f"dead_letter.{decision.status}"
    session.add(AuditRow(at=now, actor=decision.actor, action=action, subject=str(row.id), detail=detail))

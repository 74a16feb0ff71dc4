"""The outbox's dead letters: events that the broker permanently refuses. They wait for an operator while other events are
published.

Later versions of the same key need not wait for them, because each event carries the whole state.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, delete, true
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.effects.conditions import Condition, declare, lift
from makersync.store.tables import OutboxRow, RefusedEventRow
from makersync.store.upserts import insert_rows

OUTBOX = cast(Table, OutboxRow.__table__)  # type: ignore[attr-defined]
REFUSED = cast(Table, RefusedEventRow.__table__)  # type: ignore[attr-defined]
CONDITION = "refused_event"
SAME = ("topic", "partition", "key", "version", "payload")
#: At most this many events are named; the others are counted.
NAMED = 3


@dataclass(frozen=True, slots=True)
class Refusal:
    """An outbox row, and the broker's reason for refusing it."""

    row: Any
    reason: str


async def set_aside(session: AsyncSession, clock: Clock, service: str, refusals: Sequence[Refusal]) -> None:
    """Move the events out of the outbox, and declare the condition."""
    last = (await session.exec(select(func.max(REFUSED.c.id)))).one() or 0
    rows = [
        {name: getattr(each.row, name) for name in SAME}
        | {"id": max(each.row.id, number), "reason": each.reason, "refused_at": clock.now()}
        for number, each in enumerate(refusals, start=last + 1)
    ]
    await insert_rows(session, RefusedEventRow, rows)
    await session.exec(delete(OUTBOX).where(OUTBOX.c.id.in_([each.row.id for each in refusals])))
    await update_condition(session, clock, service)


async def forget_superseded(session: AsyncSession, clock: Clock, service: str) -> int:
    """Delete refused events of which a newer version has been published; returns how many."""
    count = await _forget(session, OUTBOX.c.published_at.is_not(None))
    if count:
        await update_condition(session, clock, service)
    return count


async def _forget(session: AsyncSession, where: ColumnElement[bool]) -> int:
    """Delete refused events of which the outbox has the same or a newer version in a row that matches `where`."""
    same_key = (OUTBOX.c.topic == REFUSED.c.topic) & (OUTBOX.c.key == REFUSED.c.key)
    superseded = select(OUTBOX.c.id).where(same_key, OUTBOX.c.version >= REFUSED.c.version, where).exists()
    return (await session.exec(delete(REFUSED).where(superseded))).rowcount


async def try_again(session: AsyncSession, clock: Clock, service: str, subject: str | None = None) -> int:
    """Move refused events, optionally of one subject, back into the outbox as unpublished; returns how many.

    Events of which a newer version is in the outbox are dropped instead, since they would be published after it.
    """
    await _forget(session, true())
    wanted = select(RefusedEventRow).order_by(col(RefusedEventRow.id))
    if subject is not None:
        wanted = wanted.where(col(RefusedEventRow.key).endswith(f"/{subject}", autoescape=True))
    rows = (await session.exec(wanted)).all()
    await insert_rows(
        session, OutboxRow, [{name: getattr(row, name) for name in SAME} | {"published_at": None} for row in rows]
    )
    await session.exec(delete(REFUSED).where(REFUSED.c.id.in_([row.id for row in rows])))
    await update_condition(session, clock, service)
    return len(rows)


async def refused(session: AsyncSession) -> int:
    """The number of refused events."""
    return (await session.exec(select(func.count(col(RefusedEventRow.id))))).one()


async def refused_up_to(session: AsyncSession, most: int) -> int:
    """The number of refused events, of which no more than `most` are counted."""
    some = select(RefusedEventRow.id).order_by(col(RefusedEventRow.id)).limit(most).subquery()
    return (await session.exec(select(func.count()).select_from(some))).one()


async def update_condition(session: AsyncSession, clock: Clock, service: str) -> None:
    """Declare or lift the condition, according to the refused events that are left."""
    count = await refused(session)
    if count == 0:
        await lift(session, CONDITION)
        return
    columns = (REFUSED.c.topic, REFUSED.c.key, REFUSED.c.version, REFUSED.c.reason)
    first = (await session.exec(select(*columns).order_by(REFUSED.c.id).limit(NAMED))).all()
    named = "; ".join(f"{topic} key {key} version {version} ({reason})" for topic, key, version, reason in first)
    more = f"; and {count - NAMED} more" if count > NAMED else ""
    problem = f"The broker permanently refuses {count} event{'' if count == 1 else 's'} of {service}: {named}{more}"
    remedy = (
        "Readers do not have their contents. Fix the cause (a topic's max.message.bytes, or the subject itself), then run "
        f"`makersync republish {service} --refused`; it is also resolved once a later version of the same subject is published"
    )
    await declare(session, clock, Condition(CONDITION, problem, remedy, stops_writes=False))

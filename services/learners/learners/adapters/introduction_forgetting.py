"""Forgets, some time after an introduction has ended, what the employer wrote and what was said about the learner. Ids, job and
versions stay, and so does the record of readings."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, update
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.introduction_repository import OPEN, REQUEST
from learners.adapters.introduction_tables import LearnerLinkRow
from makersync.clock import Clock
from makersync.store.database import Store

ROWS_AT_ONCE = 2000
_BARE: dict[str, Any] = {
    "message": None,
    "contact": None,
    "outcomes": [],
    "access_digest": None,
    "access_expires_at": None,
    "forgotten": True,
}


async def forget_introductions(store: Store, clock: Clock, keep_days: int) -> int:
    """Mark what has ended since the last call, and empty what was marked more than `keep_days` days ago.

    Returns how many were emptied. Safe when two processes do it at once. Whatever changes removes the mark.
    """
    now = clock.now()
    ended = REQUEST.c.status.not_in(OPEN) & ~REQUEST.c.forgotten
    await _in_turns(store, ended & REQUEST.c.ended_at.is_(None), partial(_mark, now=now))
    return await _in_turns(store, ended & (REQUEST.c.ended_at < now - timedelta(days=keep_days)), _empty)


async def _in_turns(
    store: Store, wanted: ColumnElement[bool], change: Callable[[AsyncSession, Sequence[str]], Awaitable[None]]
) -> int:
    """Change all that are wanted, some in a transaction, and return how many. They are locked in the order of their ids, as
    everywhere; those that somebody has claimed are left to the next call."""
    key, changed = REQUEST.c.introduction_id, 0
    some = select(key).where(wanted).order_by(key).limit(ROWS_AT_ONCE).with_for_update(skip_locked=True)
    while True:
        async with store.transaction() as session:
            ids = (await session.exec(some)).all()
            if not ids:
                return changed
            await change(session, ids)
            changed += len(ids)


async def _mark(session: AsyncSession, ids: Sequence[str], now: datetime) -> None:
    await session.exec(update(REQUEST).where(REQUEST.c.introduction_id.in_(ids)).values(ended_at=now))


async def _empty(session: AsyncSession, ids: Sequence[str]) -> None:
    await session.exec(update(REQUEST).where(REQUEST.c.introduction_id.in_(ids)).values(**_BARE))
    await session.exec(delete(LearnerLinkRow).where(col(LearnerLinkRow.introduction_id).in_(ids)))

"""Forgets, some time after an introduction has ended, what the employer wrote and what was said about the learner. Ids, job and
versions stay, and so does the record of readings."""

from datetime import timedelta
from typing import Any

from sqlalchemy import update
from sqlmodel import col, delete, select

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
    async with store.transaction() as session:
        await session.exec(update(REQUEST).where(ended, REQUEST.c.ended_at.is_(None)).values(ended_at=now))
    expired, emptied = ended & (REQUEST.c.ended_at < now - timedelta(days=keep_days)), 0
    while True:
        async with store.transaction() as session:
            ids = (await session.exec(select(REQUEST.c.introduction_id).where(expired).limit(ROWS_AT_ONCE))).all()
            if not ids:
                return emptied
            here = expired & REQUEST.c.introduction_id.in_(ids)
            emptied += (await session.exec(update(REQUEST).where(here).values(**_BARE))).rowcount
            await session.exec(delete(LearnerLinkRow).where(col(LearnerLinkRow.introduction_id).in_(ids)))

"""Numbering: the one process that holds the relay's lease gives entries their positions, in the order of their commits."""

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Table
from sqlmodel import func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.effects.lease import Lease, renew
from makersync.effects.restored_store import was_restored
from makersync.feed.tables import FeedEntryRow, FeedHeadRow, FeedProgressRow
from makersync.store.database import Store
from makersync.store.repeated_look import RepeatedLook
from makersync.store.upserts import upsert

#: Entries in one transaction.
NUMBERED_AT_ONCE = 2000
ENTRY = cast(Table, FeedEntryRow.__table__)  # type: ignore[attr-defined]
HEAD = cast(Table, FeedHeadRow.__table__)  # type: ignore[attr-defined]
PROGRESS = cast(Table, FeedProgressRow.__table__)  # type: ignore[attr-defined]
_UNNUMBERED: Any = ENTRY.c.position.is_(None)


class Numbering:
    """Numbers entries during one tenure of the lease.

    An entry is seen only once its transaction is committed, so nobody who has read up to a position can be given a lower one
    later, however long a transaction takes; and no consumer waits for a number.
    """

    def __init__(self, store: Store, clock: Clock, lease: Lease, ttl_s: float) -> None:
        self._store, self._clock, self._lease, self._ttl_s = store, clock, lease, ttl_s
        self._look = RepeatedLook(store, clock)
        #: Whether entries wait until an operator has reconciled a restored store.
        self.is_held_back = False

    async def number(self) -> int:
        """Number some entries; returns how many, 0 when all were numbered or are held back. Raises Fenced if the lease is
        lost."""
        if not self._look.is_needed():
            return 0
        async with self._store.reading() as session:
            if (await session.exec(select(ENTRY.c.id).where(_UNNUMBERED).limit(1))).first() is None:
                self._look.found_nothing()
                return 0
        async with self._store.transaction() as session:
            # Locks the lease's row, so that no other process numbers at the same time.
            await renew(session, self._clock, self._lease, self._ttl_s)
            # Its positions were given to other entries before, and are not given again.
            self.is_held_back = await was_restored(session)
            return 0 if self.is_held_back else await _number(session)


async def _number(session: AsyncSession) -> int:
    last: dict[str, int] = {}
    numbered = 0
    for organisation_id, position in await session.exec(_next_positions()):
        last[organisation_id] = max(position, last.get(organisation_id, 0))
        numbered += 1
    await _move_heads(session, last)
    return numbered


def _next_positions() -> Any:
    """One statement, so that the entries that it counts are those that it numbers."""
    some = (
        select(ENTRY.c.id, ENTRY.c.organisation_id).where(_UNNUMBERED).order_by(ENTRY.c.id).limit(NUMBERED_AT_ONCE).subquery()
    )
    place = func.row_number().over(partition_by=some.c.organisation_id, order_by=some.c.id)
    floor = select(PROGRESS.c.floor).where(PROGRESS.c.id == 1).scalar_subquery()
    position = (func.coalesce(HEAD.c.position, floor, 0) + place).label("position")
    joined = some.outerjoin(HEAD, HEAD.c.organisation_id == some.c.organisation_id)
    given = select(some.c.id, position).select_from(joined).subquery()
    statement = update(ENTRY).where(ENTRY.c.id == given.c.id).values(position=given.c.position)
    return statement.returning(ENTRY.c.organisation_id, ENTRY.c.position)


async def _move_heads(session: AsyncSession, last: Mapping[str, int]) -> None:
    """Their transactions have numbers in the order of their commits, since the lease's row is locked."""
    moved = 1 + ((await session.exec(select(func.max(HEAD.c.moved)))).one() or 0)
    heads = [{"organisation_id": whose, "position": position, "moved": moved} for whose, position in last.items()]
    await upsert(session, FeedHeadRow, heads, ["organisation_id"], newer_by="position")

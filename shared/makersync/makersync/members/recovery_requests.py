"""Requests for a link to a new password: they wait for whoever sends mail, and for no longer than a link would be of use."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.members.tables import MemberRow, RecoveryRequestRow
from makersync.store.upserts import insert_missing

#: A request that could not be met is given up and forgotten after so long.
LONGEST = timedelta(hours=1)


async def request_recovery(session: AsyncSession, clock: Clock, address_key: str) -> None:
    """Nothing more when one waits already, or was sent not long ago."""
    now = clock.now()
    await session.exec(delete(RecoveryRequestRow).where(col(RecoveryRequestRow.address_key) == address_key, _is_over(now)))
    row = {"address_key": address_key, "made_at": now, "next_at": now, "is_sent": False}
    await insert_missing(session, RecoveryRequestRow, [row], ["address_key"])


async def end_recovery_requests(session: AsyncSession, member_id: str) -> None:
    """Before the member is removed."""
    mine = select(MemberRow.address_key).where(MemberRow.member_id == member_id)
    await session.exec(delete(RecoveryRequestRow).where(col(RecoveryRequestRow.address_key).in_(mine)))


async def forget_recovery_requests(session: AsyncSession, now: datetime) -> int:
    """Delete those that are over, also where nobody sends mail: anybody can leave any address. Returns how many."""
    return (await session.exec(delete(RecoveryRequestRow).where(_is_over(now)))).rowcount


def _is_over(now: datetime) -> ColumnElement[bool]:
    """What was sent rests until `next_at`, and what has begun to be sent is somebody's until then. `next_at` is read first: it
    has the index."""
    is_done = or_(col(RecoveryRequestRow.is_sent), col(RecoveryRequestRow.made_at) <= now - LONGEST)
    return and_(col(RecoveryRequestRow.next_at) <= now, is_done)

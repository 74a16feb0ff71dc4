"""The lease: decides which of a service's processes may publish. Its times come from the database, since a host's clock may be
wrong."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Table
from sqlmodel import select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.errors import Fenced
from makersync.store.database_time import database_time
from makersync.store.tables import LeaseRow
from makersync.store.upserts import upsert

LEASE = cast(Table, LeaseRow.__table__)  # type: ignore[attr-defined]
#: An expiry further ahead than this is ignored, since a wrong clock must have written it. Every lease in use is shorter.
LONGEST_S = 60.0
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Lease:
    name: str
    owner: str
    epoch: int


async def acquire(session: AsyncSession, clock: Clock, name: str, owner: str, ttl_s: float) -> Lease | None:
    """Take the lease if it is free, expired or the caller's already; returns None while another process holds it."""
    await _make(session, name)
    free = (LEASE.c.name == name) & (~_holds(session, clock) | (LEASE.c.owner == owner))
    values = {"owner": owner, "epoch": LEASE.c.epoch + 1, "expires_at": database_time(session, clock, ttl_s)}
    result = await session.exec(update(LEASE).where(free).values(**values))
    if result.rowcount != 1:
        return None
    return Lease(name, owner, await _epoch(session, name))


async def seize(session: AsyncSession, clock: Clock, name: str, owner: str, ttl_s: float) -> tuple[Lease, bool]:
    """Take the lease from any holder, for an operator's command; returns it with whether somebody held it. The former relay is
    fenced."""
    await _make(session, name)
    held = await leader_of(session, clock, name) is not None
    values = {"owner": owner, "epoch": LEASE.c.epoch + 1, "expires_at": database_time(session, clock, ttl_s)}
    await session.exec(update(LEASE).where(LEASE.c.name == name).values(**values))
    return Lease(name, owner, await _epoch(session, name)), held


async def renew(session: AsyncSession, clock: Clock, lease: Lease, ttl_s: float) -> None:
    """Raises Fenced if another process has taken the lease."""
    mine = (LEASE.c.name == lease.name) & (LEASE.c.epoch == lease.epoch)
    values = {"expires_at": database_time(session, clock, ttl_s)}
    result = await session.exec(update(LEASE).where(mine).values(**values))
    if result.rowcount != 1:
        raise Fenced(f"lease {lease.name}: epoch {lease.epoch} is over")


async def release(session: AsyncSession, clock: Clock, lease: Lease) -> bool:
    """End the lease so that another process can take it at once; returns False, without any change, if another has taken it
    already."""
    mine = (LEASE.c.name == lease.name) & (LEASE.c.epoch == lease.epoch)
    result = await session.exec(update(LEASE).where(mine).values(expires_at=database_time(session, clock)))
    return bool(result.rowcount)


async def leader_of(session: AsyncSession, clock: Clock, name: str) -> str | None:
    """The present holder of the lease, or None."""
    query = select(LEASE.c.owner).where(LEASE.c.name == name, _holds(session, clock))
    return (await session.exec(query)).first()


def _holds(session: AsyncSession, clock: Clock) -> Any:
    expires_at = LEASE.c.expires_at
    return (expires_at > database_time(session, clock)) & (expires_at <= database_time(session, clock, LONGEST_S))


async def _make(session: AsyncSession, name: str) -> None:
    fresh = {"name": name, "owner": "", "epoch": 0, "expires_at": LONG_AGO}
    await upsert(session, LeaseRow, [fresh], ["name"], newer_by="epoch")


async def _epoch(session: AsyncSession, name: str) -> int:
    return (await session.exec(select(LeaseRow.epoch).where(LeaseRow.name == name))).one()

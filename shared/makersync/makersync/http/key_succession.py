"""How keys end and are replaced: rotation, revocation with or without descendants, and the operators' last key."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.http.keys import KeyGrant, is_live, issue_key, lives
from makersync.http.problems import Conflict
from makersync.store.tables import ApiKeyRow

#: Valid keys per organisation, or of the operators. Nobody needs more, and every rotation adds one.
MOST_LIVE = 100
#: How long an ended key is still listed.
SHOWN_AFTER_END = timedelta(days=90)
FORGOTTEN_AT_ONCE = 500


async def locked_keys(session: AsyncSession, organisation_id: str | None) -> list[ApiKeyRow]:
    """All keys of an organisation, or of the operators, locked until the transaction ends so that none is rotated meanwhile.

    The query is repeated until it finds nothing new, because a rotation in progress may add a key while its parent's lock is
    awaited.
    """
    known: set[str] = set()
    statement = select(ApiKeyRow).where(col(ApiKeyRow.organisation_id) == organisation_id).order_by(col(ApiKeyRow.id))
    while True:
        rows = (await session.exec(statement.with_for_update(), execution_options={"populate_existing": True})).all()
        if {row.id for row in rows} == known:
            return list(rows)
        known = {row.id for row in rows}


def rotate_key(
    session: AsyncSession,
    pepper: bytes,
    clock: Clock,
    old: ApiKeyRow,
    grace: timedelta,
    expires_at: datetime | None,
) -> tuple[ApiKeyRow, str]:
    """Add a key with the old one's name and scopes that ends at `expires_at`; the old key ends after `grace`, immediately if
    that is zero.

    A unique constraint prevents a second key that replaces the same one.
    """
    now = clock.now()
    grant = KeyGrant(old.organisation_id, old.name, old.scopes, expires_at, replaces=old.id)
    row, token = issue_key(session, pepper, clock, grant)
    end = now + grace
    old.expires_at = end if old.expires_at is None else min(old.expires_at, end)
    if not grace:
        revoke_key(clock, old)
    session.add(old)
    return row, token


def revoke_key(clock: Clock, row: ApiKeyRow) -> None:
    """End a key now; a revoked key does not change."""
    row.revoked_at = row.revoked_at or clock.now()


async def revoke_with(
    session: AsyncSession, clock: Clock, organisation_id: str | None, key_id: str, descendants: bool
) -> list[ApiKeyRow] | None:
    """Revoke a key and, with `descendants`, its successors; returns the keys that were revoked now, or None if there is no such
    key.

    Raises Conflict if no lasting operator key would remain.
    """
    rows = await locked_keys(session, organisation_id)
    if key_id not in {row.id for row in rows}:
        return None
    ended = {key_id} | (_descendants(rows, key_id) if descendants else set())
    if organisation_id is None:
        _demand_one_that_lasts(rows, ended, clock.now())
    revoked = [row for row in rows if row.id in ended and row.revoked_at is None]
    for row in revoked:
        revoke_key(clock, row)
        session.add(row)
    return revoked


def _descendants(rows: Iterable[ApiKeyRow], key_id: str) -> set[str]:
    successor = {row.replaces: row.id for row in rows if row.replaces is not None}
    found: set[str] = set()
    while (key_id := successor.get(key_id, "")) and key_id not in found:
        found.add(key_id)
    return found


def _demand_one_that_lasts(rows: Sequence[ApiKeyRow], ended: Collection[str], now: datetime) -> None:
    """A rotated key ends after its grace period, so it does not count. Keys that are not valid can always be revoked."""
    replaced = {row.replaces for row in rows}
    lasting = {row.id for row in rows if is_live(row, now) and row.id not in replaced}
    if lasting & set(ended) and not lasting - set(ended):
        raise Conflict("last_operator_key", "It is the last key of the operators: make another one first.")


async def replacement_of(session: AsyncSession, key_id: str) -> ApiKeyRow | None:
    """The key that this one was rotated into."""
    return (await session.exec(select(ApiKeyRow).where(ApiKeyRow.replaces == key_id))).first()


async def demand_room(session: AsyncSession, organisation_id: str | None, now: datetime) -> None:
    """Raises Conflict if the organisation has the maximum number of valid keys."""
    mine = col(ApiKeyRow.organisation_id) == organisation_id
    live = select(ApiKeyRow.id).where(mine, lives(now)).limit(MOST_LIVE)
    if len((await session.exec(live)).all()) >= MOST_LIVE:
        raise Conflict("too_many_keys", f"There are {MOST_LIVE} live keys: revoke some first.")


async def forget_ended(session: AsyncSession, clock: Clock) -> int:
    """Delete keys that ended long ago, at most FORGOTTEN_AT_ONCE; returns how many. The audit table keeps their history."""
    long_ago = clock.now() - SHOWN_AFTER_END
    ended = select(ApiKeyRow.id).where(or_(col(ApiKeyRow.revoked_at) < long_ago, col(ApiKeyRow.expires_at) < long_ago))
    result = await session.exec(delete(ApiKeyRow).where(col(ApiKeyRow.id).in_(ended.limit(FORGOTTEN_AT_ONCE))))
    return int(result.rowcount)

"""How keys end and what follows them: rotation, revocation with or without descendants, and the operators' last key."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.http.keys import KeyGrant, is_live, issue_key, lives
from makersync.http.problems import Conflict
from makersync.store.tables import ApiKeyRow

#: Live keys of one organisation, or of the operators: more are nobody's need, and every rotation adds one.
MOST_LIVE = 100
#: How long a key that has ended is still shown.
SHOWN_AFTER_END = timedelta(days=90)
FORGOTTEN_AT_ONCE = 500


async def locked_keys(session: AsyncSession, organisation_id: str | None) -> list[ApiKeyRow]:
    """All keys of an organisation, or of the operators, held until the transaction ends: none is rotated meanwhile.

    Repeated until nothing new is seen: a rotation that was under way has added a key while its parent was waited for.
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
    """Add a key with the old one's name and scopes that ends at `expires_at`; the old one ends after `grace`, at once when
    that is zero. The database refuses a second key that replaces the same one."""
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
    """End a key now; one that has been revoked stays as it is."""
    row.revoked_at = row.revoked_at or clock.now()


async def revoke_with(
    session: AsyncSession, clock: Clock, organisation_id: str | None, key_id: str, descendants: bool
) -> list[ApiKeyRow] | None:
    """Revoke a key, and those that have replaced it and each other; returns what was ended now, None when it is not there.

    Raises Conflict when no operator's key would last.
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
    """A key that was rotated lasts no longer than its grace, and does not count. What is not live may always be revoked."""
    replaced = {row.replaces for row in rows}
    lasting = {row.id for row in rows if is_live(row, now) and row.id not in replaced}
    if lasting & set(ended) and not lasting - set(ended):
        raise Conflict("It is the last key of the operators: make another one first.")


async def replacement_of(session: AsyncSession, key_id: str) -> ApiKeyRow | None:
    """The key that this one was rotated into."""
    return (await session.exec(select(ApiKeyRow).where(ApiKeyRow.replaces == key_id))).first()


async def demand_room(session: AsyncSession, organisation_id: str | None, now: datetime) -> None:
    """Raises Conflict when an organisation has as many live keys as it may have."""
    mine = col(ApiKeyRow.organisation_id) == organisation_id
    live = select(ApiKeyRow.id).where(mine, lives(now)).limit(MOST_LIVE)
    if len((await session.exec(live)).all()) >= MOST_LIVE:
        raise Conflict(f"There are {MOST_LIVE} live keys: revoke some first.")


async def forget_ended(session: AsyncSession, clock: Clock) -> int:
    """Forget some of the keys that ended long ago; returns how many. The audit keeps what was done with them."""
    long_ago = clock.now() - SHOWN_AFTER_END
    ended = select(ApiKeyRow.id).where(or_(col(ApiKeyRow.revoked_at) < long_ago, col(ApiKeyRow.expires_at) < long_ago))
    result = await session.exec(delete(ApiKeyRow).where(col(ApiKeyRow.id).in_(ended.limit(FORGOTTEN_AT_ONCE))))
    return int(result.rowcount)

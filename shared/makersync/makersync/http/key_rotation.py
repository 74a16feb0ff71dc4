"""Rotation of API keys: who may rotate a key, how often, and how long the new key lasts."""

from datetime import datetime, timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.http.idempotency import Created
from makersync.http.key_audit import note_rotated
from makersync.http.key_bodies import Rotation, issued_answer
from makersync.http.key_succession import demand_room, replacement_of, rotate_key
from makersync.http.keys import Principal, is_live
from makersync.http.problems import Conflict, Forbidden, NotFound, ValidationProblem
from makersync.http.wiring import Wiring
from makersync.store.tables import ApiKeyRow

#: Lets a key list, rotate and revoke the other keys of its organisation.
MANAGE_KEYS = "keys:manage"


async def rotated(session: AsyncSession, wiring: Wiring, principal: Principal, key_id: str, wanted: Rotation) -> Created:
    """Rotate a key of the caller's organisation, or of the operators.

    Raises NotFound; Forbidden if it is another key and the caller may not manage keys; Conflict if it has ended or was rotated
    before.
    """
    old = await key_of(session, principal.organisation_id, key_id)
    now = wiring.clock.now()
    if old.id != principal.actor_id:
        _demand_no_more_than_ones_own(principal, old)
    await _demand_rotatable(session, old, now)
    expires_at = await _end_of_new(session, principal, old, wanted.expires_at, now)
    await demand_room(session, old.organisation_id, now)
    grace = timedelta(seconds=wanted.grace_seconds)
    row, token = rotate_key(session, wiring.pepper, wiring.clock, old, grace, expires_at)
    note_rotated(session, wiring.clock, principal.actor_id, old, row)
    return issued_answer(row, token)


async def seen_key(session: AsyncSession, organisation_id: str, key_id: str) -> ApiKeyRow:
    """The key, to be shown. Raises NotFound."""
    return _own(await session.get(ApiKeyRow, key_id), organisation_id)


async def key_of(session: AsyncSession, organisation_id: str | None, key_id: str) -> ApiKeyRow:
    """The key, with its row locked until the transaction ends. Raises NotFound."""
    return _own(await session.get(ApiKeyRow, key_id, with_for_update=True), organisation_id)


def _own(row: ApiKeyRow | None, organisation_id: str | None) -> ApiKeyRow:
    if row is None or row.organisation_id != organisation_id:
        raise NotFound("no_such_thing", "There is no such key.")
    return row


def demand_manager(principal: Principal) -> None:
    """Raises Forbidden."""
    if not (principal.is_operator or principal.may(MANAGE_KEYS)):
        raise Forbidden("scope_missing", f"The API key lacks the scope {MANAGE_KEYS}.")


def _demand_no_more_than_ones_own(principal: Principal, old: ApiKeyRow) -> None:
    """The caller receives the new token, so another key's scopes must not exceed its own."""
    demand_manager(principal)
    if not set(old.scopes) <= principal.scopes:
        detail = "The key holds scopes that yours does not; only itself or an operator can replace it."
        raise Forbidden("exceeds_own_scopes", detail)


async def _demand_rotatable(session: AsyncSession, old: ApiKeyRow, now: datetime) -> None:
    """A key is rotated only once: two successors would give a stolen token a second life."""
    successor = await replacement_of(session, old.id)
    if successor is not None:
        detail = f"The key was rotated before, into {successor.id}: rotate or revoke that one."
        raise Conflict("rotated_before", detail)
    if not is_live(old, now):
        raise Conflict("key_ended", "The key has ended; ask an operator for a new one.")


async def _end_of_new(
    session: AsyncSession, principal: Principal, old: ApiKeyRow, wanted: datetime | None, now: datetime
) -> datetime | None:
    """When the new key expires.

    A rotation does not extend a key's life unless the caller asks for it and their own key lasts as long. Otherwise a stolen
    key with an hour left could be turned into a permanent one. Whoever is signed in gives the password before.
    """
    if wanted is not None and wanted <= now:
        raise ValidationProblem.of("expires_at", "future", "must be in the future")
    end = wanted or old.expires_at
    if principal.is_operator or principal.is_member:
        return end
    if old.id == principal.actor_id:
        if _outlasts(end, old.expires_at):
            detail = "A key cannot make itself last longer; ask an operator or a key with keys:manage."
            raise Forbidden("outlasts_own_key", detail)
        return end
    own = await session.get_one(ApiKeyRow, principal.actor_id)
    if _outlasts(end, own.expires_at):
        detail = "The new key would outlast yours: give an earlier expires_at, or ask an operator."
        raise Forbidden("outlasts_own_key", detail)
    return end


def _outlasts(end: datetime | None, other: datetime | None) -> bool:
    return other is not None and (end is None or end > other)

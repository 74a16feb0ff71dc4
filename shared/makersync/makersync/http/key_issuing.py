"""How a key is issued to an organisation: by an operator, or by an administrator of its own on a page."""

from collections.abc import Collection
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.http.key_audit import note_issued
from makersync.http.key_bodies import KeyRequest
from makersync.http.key_succession import demand_room
from makersync.http.keys import KeyGrant, Principal, issue_key
from makersync.http.problems import Forbidden, ValidationProblem
from makersync.http.wiring import Wiring
from makersync.store.tables import ApiKeyRow


async def issued(
    session: AsyncSession, wiring: Wiring, by: Principal, organisation_id: str, wanted: KeyRequest
) -> tuple[ApiKeyRow, str]:
    """The key and its token, which cannot be read again. The scopes are known to the service (`demand_known`).

    Raises ValidationProblem for an end that has passed, Forbidden for scopes that somebody of the organisation lacks, and
    Conflict for a key too many.
    """
    demand_future(wanted.expires_at, wiring)
    if not by.is_operator and not set(wanted.scopes) <= by.scopes:
        raise Forbidden("exceeds_own_scopes", "You cannot give a key more than you may do yourself.")
    await demand_room(session, organisation_id, wiring.clock.now())
    grant = KeyGrant(organisation_id, wanted.name, set(wanted.scopes), wanted.expires_at)
    row, token = issue_key(session, wiring.pepper, wiring.clock, grant)
    note_issued(session, wiring.clock, by.actor_id, row)
    await session.flush()
    return row, token


def demand_future(expires_at: datetime | None, wiring: Wiring) -> None:
    """Raises ValidationProblem."""
    if expires_at is not None and expires_at <= wiring.clock.now():
        raise ValidationProblem.of("expires_at", "future", "must be in the future")


def demand_known(scopes: Collection[str], known: Collection[str]) -> None:
    """Raises ValidationProblem."""
    for place, scope in enumerate(scopes):
        if scope not in known:
            raise ValidationProblem.of(f"scopes.{place}", "unknown_scope", f"known: {', '.join(sorted(known))}")

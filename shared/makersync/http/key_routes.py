"""The routes of API keys: operators hand them out, organisations see, rotate and revoke their own.

Tokens are shown once and kept nowhere, so a creation here cannot be replayed: whoever misses the answer revokes and asks again.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, Field
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.http.bodies import Instant, RequestModel
from makersync.http.keys import KeyGrant, Principal, issue_key, keys_of, revoke_key, rotate_key
from makersync.http.problems import Conflict, Forbidden, NotFound, ValidationProblem
from makersync.http.security import Operator, authenticated
from makersync.http.wiring import Reading, Transaction, Wiring, wiring_of
from makersync.store.tables import ApiKeyRow, AuditRow

#: Lets a key see, rotate and revoke the other keys of its organisation.
MANAGE_KEYS = "keys:manage"
USUAL_GRACE_SECONDS = 24 * 3600

Exists = Callable[[AsyncSession, str], Awaitable[bool]]
KeyId = Annotated[str, Path(pattern="^[0-9a-f]{16}$")]


@dataclass(frozen=True, slots=True)
class KeyHolders:
    """Whose keys a service has: `collection` is the path segment (`employers`), `scopes` what their keys may hold."""

    collection: str
    scopes: Collection[str]
    exists: Exists


class KeyView(BaseModel):
    """A key without its secret."""

    id: str
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class KeyList(BaseModel):
    items: list[KeyView]


class IssuedKey(BaseModel):
    """A new key. `token` is shown this once."""

    key: KeyView
    token: str


class KeyRequest(RequestModel):
    name: str = Field(min_length=1, max_length=100)
    scopes: list[str] = Field(min_length=1, max_length=50)
    expires_at: Instant | None = None


class Rotation(RequestModel):
    grace_seconds: int = Field(USUAL_GRACE_SECONDS, ge=0, le=7 * 24 * 3600, description="How long the old key stays valid.")


def key_routes(holders: KeyHolders) -> APIRouter:
    """`/v1/<collection>/{organisation_id}/keys` for operators and `/v1/keys` for the holders themselves."""
    router = APIRouter(tags=["keys"])
    _add_operator_routes(router, holders)
    _add_holder_routes(router)
    return router


def _add_operator_routes(router: APIRouter, holders: KeyHolders) -> None:
    path = f"/v1/{holders.collection}/{{organisation_id}}/keys"

    @router.get(path, summary="List an organisation's keys")
    async def list_keys_of(_operator: Operator, organisation_id: str, session: Reading) -> KeyList:
        await _demand_organisation(session, holders, organisation_id)
        return await _listed(session, organisation_id)

    @router.post(path, status_code=201, summary="Issue a key to an organisation")
    async def issue_key_to(
        operator: Operator, organisation_id: str, wanted: KeyRequest, request: Request, response: Response, session: Transaction
    ) -> IssuedKey:
        wiring = wiring_of(request)
        _demand_known_scopes(wanted, holders)
        _demand_future(wanted, wiring)
        await _demand_organisation(session, holders, organisation_id)
        grant = KeyGrant(organisation_id, wanted.name, set(wanted.scopes), wanted.expires_at)
        row, token = issue_key(session, wiring.pepper, wiring.clock, grant)
        _audit(session, wiring, operator, "key_issued", row)
        return _issued(row, token, response)

    @router.delete(path + "/{key_id}", status_code=204, summary="Revoke a key of an organisation")
    async def revoke_key_of(
        operator: Operator, organisation_id: str, key_id: KeyId, request: Request, session: Transaction
    ) -> None:
        wiring = wiring_of(request)
        row = await _key_of(session, organisation_id, key_id)
        revoke_key(wiring.clock, row)
        session.add(row)
        _audit(session, wiring, operator, "key_revoked", row)


def _add_holder_routes(router: APIRouter) -> None:
    caller = Depends(authenticated)

    @router.get("/v1/keys", summary="List the keys of one's organisation")
    async def list_own_keys(principal: Annotated[Principal, caller], session: Reading) -> KeyList:
        _demand_manager(principal)
        return await _listed(session, principal.organisation_id)

    @router.post("/v1/keys/{key_id}/rotation", status_code=201, summary="Replace a key by a new one")
    async def rotate_own_key(
        principal: Annotated[Principal, caller],
        key_id: KeyId,
        rotation: Rotation,
        request: Request,
        response: Response,
        session: Transaction,
    ) -> IssuedKey:
        wiring = wiring_of(request)
        old = await _key_of(session, principal.organisation_id, key_id)
        _demand_rotatable(principal, old, wiring)
        row, token = rotate_key(session, wiring.pepper, wiring.clock, old, timedelta(seconds=rotation.grace_seconds))
        return _issued(row, token, response)

    @router.delete("/v1/keys/{key_id}", status_code=204, summary="Revoke a key of one's organisation")
    async def revoke_own_key(
        principal: Annotated[Principal, caller], key_id: KeyId, request: Request, session: Transaction
    ) -> None:
        if key_id != principal.key_id:
            _demand_manager(principal)
        row = await _key_of(session, principal.organisation_id, key_id)
        revoke_key(wiring_of(request).clock, row)
        session.add(row)


def _demand_manager(principal: Principal) -> None:
    if not (principal.is_operator or principal.may(MANAGE_KEYS)):
        raise Forbidden(f"The API key lacks the scope {MANAGE_KEYS}.")


def _demand_rotatable(principal: Principal, old: ApiKeyRow, wiring: Wiring) -> None:
    """The new token goes to the caller: for another key than its own it must not hold more than the caller does."""
    if old.id != principal.key_id:
        _demand_manager(principal)
        if not set(old.scopes) <= principal.scopes:
            raise Forbidden("The key holds scopes that yours does not; only itself or an operator can replace it.")
    if old.revoked_at is not None or (old.expires_at is not None and old.expires_at <= wiring.clock.now()):
        raise Conflict("The key has ended; ask an operator for a new one.")


def _demand_known_scopes(wanted: KeyRequest, holders: KeyHolders) -> None:
    known = {*holders.scopes, MANAGE_KEYS}
    for place, scope in enumerate(wanted.scopes):
        if scope not in known:
            raise ValidationProblem.of(f"scopes.{place}", "unknown_scope", f"known: {', '.join(sorted(known))}")


def _demand_future(wanted: KeyRequest, wiring: Wiring) -> None:
    if wanted.expires_at is not None and wanted.expires_at <= wiring.clock.now():
        raise ValidationProblem.of("expires_at", "future", "must be in the future")


async def _demand_organisation(session: AsyncSession, holders: KeyHolders, organisation_id: str) -> None:
    if not await holders.exists(session, organisation_id):
        raise NotFound("There is no such organisation.")


async def _key_of(session: AsyncSession, organisation_id: str | None, key_id: str) -> ApiKeyRow:
    row = await session.get(ApiKeyRow, key_id, with_for_update=True)
    if row is None or row.organisation_id != organisation_id:
        raise NotFound("There is no such key.")
    return row


async def _listed(session: AsyncSession, organisation_id: str | None) -> KeyList:
    return KeyList(items=[_view(row) for row in await keys_of(session, organisation_id)])


def _issued(row: ApiKeyRow, token: str, response: Response) -> IssuedKey:
    response.headers["Cache-Control"] = "no-store"
    return IssuedKey(key=_view(row), token=token)


def _view(row: ApiKeyRow) -> KeyView:
    return KeyView.model_validate(row, from_attributes=True)


def _audit(session: AsyncSession, wiring: Wiring, operator: Principal, action: str, row: ApiKeyRow) -> None:
    detail = {"organisation_id": row.organisation_id, "name": row.name, "scopes": row.scopes}
    session.add(AuditRow(at=wiring.clock.now(), actor=operator.key_id, action=action, subject=row.id, detail=detail))

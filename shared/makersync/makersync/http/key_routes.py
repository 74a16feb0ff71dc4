"""The routes for organisations' API keys: operators issue them; organisations list, rotate and revoke their own."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.http.idempotency import Created, Creating
from makersync.http.key_audit import note_revoked
from makersync.http.key_bodies import REPEATED_KEY, IssuedKey, KeyList, KeyRequest, Rotation, issued_answer, key_list
from makersync.http.key_issuing import demand_known, issued
from makersync.http.key_rotation import MANAGE_KEYS, demand_manager, rotated
from makersync.http.key_succession import revoke_with
from makersync.http.keys import Principal, keys_of
from makersync.http.problems import NotFound
from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator, admits, authenticated
from makersync.http.wiring import Reading, Transaction, Wiring, wiring_of

__all__ = ["MANAGE_KEYS", "Descendants", "KeyHolders", "KeyId", "key_routes", "revoked"]

Exists = Callable[[AsyncSession, str], Awaitable[bool]]
KeyId = Annotated[str, Path(pattern="^[0-9a-f]{16}$", description="Id of the key: the middle part of its token.")]
OrganisationId = Annotated[str, Path(description="Id of the organisation whose keys are meant.")]
Descendants = Annotated[bool, Query(description="Whether the keys that it was rotated into are revoked with it.")]
REPEATED: dict[int | str, dict[str, Any]] = {
    200: {
        "model": IssuedKey,
        "description": "A repetition: the key was made before, its token is gone.",
        "content": {"application/json": {"example": REPEATED_KEY}},
    }
}


@admits()
async def _holder(principal: Annotated[Principal, Depends(authenticated)]) -> Principal:
    """Raises Forbidden for an operator: operators' keys have routes of their own."""
    _ = principal.tenant
    return principal


Holder = Annotated[Principal, Depends(_holder)]


@admits(MANAGE_KEYS)
async def _manager(principal: Holder) -> Principal:
    """Raises Forbidden."""
    demand_manager(principal)
    return principal


Manager = Annotated[Principal, Depends(_manager)]


@dataclass(frozen=True, slots=True)
class KeyHolders:
    """The organisations that hold keys of a service: `collection` is the path segment (`employers`), `scopes` the scopes that
    their keys may have."""

    collection: str
    scopes: Collection[str]
    exists: Exists


def key_routes(holders: KeyHolders) -> APIRouter:
    """`/v1/<collection>/{organisation_id}/keys` for operators and `/v1/keys` for the holders themselves."""
    router = APIRouter(tags=["keys"], route_class=CheckedRoute)
    _add_operator_routes(router, holders)
    _add_holder_routes(router)
    return router


def _add_operator_routes(router: APIRouter, holders: KeyHolders) -> None:
    path = f"/v1/{holders.collection}/{{organisation_id}}/keys"

    @router.get(path, summary="List an organisation's keys")
    async def list_keys_of(_operator: Operator, organisation_id: OrganisationId, request: Request, session: Reading) -> KeyList:
        """All keys that are valid and the latest 200 that have ended, newest first and without their secrets."""
        await _demand_organisation(session, holders, organisation_id)
        return key_list(await keys_of(session, organisation_id, wiring_of(request).clock.now()))

    @router.post(path, status_code=201, response_model=IssuedKey, responses=REPEATED, summary="Issue a key to an organisation")
    async def issue_key_to(
        operator: Operator, organisation_id: OrganisationId, wanted: KeyRequest, request: Request, creation: Creating
    ) -> Response:
        """The answer is the only place where the token is shown; the service keeps a hash of it. An unknown scope or an end
        that has passed is refused with 422, and a key too many for the organisation with 409.
        """
        wiring, session = wiring_of(request), creation.session
        demand_known(wanted.scopes, {*holders.scopes, MANAGE_KEYS})

        async def make() -> Created:
            await _demand_organisation(session, holders, organisation_id)
            row, token = await issued(session, wiring, operator, organisation_id, wanted)
            return issued_answer(row, token)

        return await creation.once(make)

    @router.delete(path + "/{key_id}", status_code=204, summary="Revoke a key of an organisation")
    async def revoke_key_of(
        operator: Operator,
        organisation_id: OrganisationId,
        key_id: KeyId,
        request: Request,
        session: Transaction,
        descendants: Descendants = False,
    ) -> None:
        """The key is refused from now on; that cannot be undone. Revoking it again changes nothing."""
        await revoked(session, wiring_of(request), operator, organisation_id, key_id, descendants)


def _add_holder_routes(router: APIRouter) -> None:
    @router.get("/v1/keys", summary="List the keys of one's organisation")
    async def list_own_keys(principal: Manager, request: Request, session: Reading) -> KeyList:
        """All keys that are valid and the latest 200 that have ended, newest first and without their secrets."""
        return key_list(await keys_of(session, principal.tenant, wiring_of(request).clock.now()))

    @router.post(
        "/v1/keys/{key_id}/rotation",
        status_code=201,
        response_model=IssuedKey,
        responses=REPEATED,
        summary="Replace a key by a new one, once",
    )
    async def rotate_own_key(
        principal: Holder, key_id: KeyId, rotation: Rotation, request: Request, creation: Creating
    ) -> Response:
        """The new key has the scopes of the old one, which stays valid for `grace_seconds`. Every key may rotate itself. To
        rotate another key of the organisation, the caller's needs `keys:manage` and all scopes of that key, or the answer is
        403. A key that has ended or was rotated before is refused with 409.
        """
        return await creation.once(lambda: rotated(creation.session, wiring_of(request), principal, key_id, rotation))

    @router.delete("/v1/keys/{key_id}", status_code=204, summary="Revoke a key of one's organisation")
    async def revoke_own_key(
        principal: Holder, key_id: KeyId, request: Request, session: Transaction, descendants: Descendants = False
    ) -> None:
        """The key is refused from now on; that cannot be undone. Every key may revoke itself; to revoke another key of the
        organisation, or the keys that one was rotated into, the caller's needs `keys:manage`.
        """
        if key_id != principal.actor_id or descendants:
            demand_manager(principal)
        await revoked(session, wiring_of(request), principal, principal.tenant, key_id, descendants)


async def revoked(
    session: AsyncSession, wiring: Wiring, principal: Principal, organisation_id: str | None, key_id: str, descendants: bool
) -> None:
    """Raises NotFound, and Conflict for the operators' last key."""
    ended = await revoke_with(session, wiring.clock, organisation_id, key_id, descendants)
    if ended is None:
        raise NotFound("no_such_thing", "There is no such key.")
    for row in ended:
        note_revoked(session, wiring.clock, principal.actor_id, row)


async def _demand_organisation(session: AsyncSession, holders: KeyHolders, organisation_id: str) -> None:
    if not await holders.exists(session, organisation_id):
        raise NotFound("no_such_thing", "There is no such organisation.")

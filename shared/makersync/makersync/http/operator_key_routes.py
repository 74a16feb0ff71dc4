"""The operators' own keys, with the same routes in every service: `/v1/operator-keys`."""

from fastapi import APIRouter, Request, Response

from makersync.http.idempotency import Created, Creating
from makersync.http.key_audit import note_issued
from makersync.http.key_bodies import IssuedKey, KeyList, OperatorKeyRequest, Rotation, issued_answer, key_list
from makersync.http.key_issuing import demand_future
from makersync.http.key_rotation import rotated
from makersync.http.key_routes import REPEATED, Descendants, KeyId, revoked
from makersync.http.key_succession import demand_room
from makersync.http.keys import OPERATOR, KeyGrant, issue_key, keys_of
from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator
from makersync.http.wiring import Reading, Transaction, wiring_of

COLLECTION = "/v1/operator-keys"
ONE = COLLECTION + "/{key_id}"


def operator_key_routes() -> APIRouter:
    """Routes to list, make, rotate and revoke operators' keys. The last lasting key cannot be revoked."""
    router = APIRouter(tags=["keys"], route_class=CheckedRoute)
    _add_making(router)
    _add_ending(router)
    return router


def _add_making(router: APIRouter) -> None:
    @router.get(COLLECTION, summary="List the operators' keys")
    async def list_operator_keys(_operator: Operator, request: Request, session: Reading) -> KeyList:
        """All keys that are valid and the latest 200 that have ended, newest first and without their secrets. They are this
        service's alone.
        """
        return key_list(await keys_of(session, None, wiring_of(request).clock.now()))

    @router.post(
        COLLECTION, status_code=201, response_model=IssuedKey, responses=REPEATED, summary="Make another operator's key"
    )
    async def make_operator_key(
        operator: Operator, wanted: OperatorKeyRequest, request: Request, creation: Creating
    ) -> Response:
        """The answer is the only place where the token is shown. The key has the scope `operator` and no other. An end that has
        passed is refused with 422, and a key too many with 409.
        """
        wiring, session = wiring_of(request), creation.session
        demand_future(wanted.expires_at, wiring)

        async def make() -> Created:
            await demand_room(session, None, wiring.clock.now())
            grant = KeyGrant(None, wanted.name, [OPERATOR], wanted.expires_at)
            row, token = issue_key(session, wiring.pepper, wiring.clock, grant)
            note_issued(session, wiring.clock, operator.actor_id, row)
            return issued_answer(row, token)

        return await creation.once(make)


def _add_ending(router: APIRouter) -> None:
    @router.post(
        ONE + "/rotation",
        status_code=201,
        response_model=IssuedKey,
        responses=REPEATED,
        summary="Replace an operator's key by a new one, once",
    )
    async def rotate_operator_key(
        operator: Operator, key_id: KeyId, rotation: Rotation, request: Request, creation: Creating
    ) -> Response:
        """The old key stays valid for `grace_seconds` beside the new one. A key that has ended or was rotated before is refused
        with 409.
        """
        return await creation.once(lambda: rotated(creation.session, wiring_of(request), operator, key_id, rotation))

    @router.delete(ONE, status_code=204, summary="Revoke an operator's key")
    async def revoke_operator_key(
        operator: Operator, key_id: KeyId, request: Request, session: Transaction, descendants: Descendants = False
    ) -> None:
        """The key is refused from now on; that cannot be undone. The operators' last valid key cannot be revoked: the answer
        is 409.
        """
        await revoked(session, wiring_of(request), operator, None, key_id, descendants)

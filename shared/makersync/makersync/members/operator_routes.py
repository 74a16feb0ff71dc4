"""The routes by which operators let other operators sign in, and no longer, with the same paths in every service."""

from fastapi import APIRouter, Request, Response

from makersync.http.idempotency import Created, Creating
from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator
from makersync.http.wiring import Reading, Transaction, wiring_of
from makersync.members.joining import MemberInvitation
from makersync.members.offer import OPERATORS, MembersOffer
from makersync.members.routes import (
    MemberId,
    MemberInvitationBody,
    MemberInvitationView,
    MemberList,
    PendingInvitationList,
    invitation_list,
    invited,
    member_list,
    removed,
)

COLLECTION = "/v1/operators"


def operator_member_routes(offer: MembersOffer) -> APIRouter:
    router = APIRouter(tags=["members"], route_class=CheckedRoute)
    _add_inviting(router, offer)
    _add_invitations(router, offer)
    _add_members(router)
    return router


def _add_inviting(router: APIRouter, offer: MembersOffer) -> None:
    @router.post(
        f"{COLLECTION}/member-invitations",
        status_code=201,
        response_model=MemberInvitationView,
        summary="Invite a person to sign in as an operator",
    )
    async def invite_operator(
        operator: Operator, wanted: MemberInvitationBody, request: Request, creation: Creating
    ) -> Response:
        """Where the service sends mail, the link is mailed to the address; elsewhere send it to the person, who chooses a
        password there and may then do in this service what an operator's key may. The role is `operator`. A new invitation to
        the same address replaces the one before. Refused with 409 when an operator signs in with this address already."""

        async def make() -> Created:
            invitation = MemberInvitation(OPERATORS, wanted.address, wanted.role)
            return await invited(creation.session, wiring_of(request), operator, offer, invitation)

        return await creation.once(make)


def _add_invitations(router: APIRouter, offer: MembersOffer) -> None:
    @router.get(f"{COLLECTION}/member-invitations", summary="List the invitations of operators that can be used")
    async def list_operator_invitations(_operator: Operator, request: Request, session: Reading) -> PendingInvitationList:
        """Without their links, which are shown once. An operator's invitations end when the operator is removed."""
        return await invitation_list(session, wiring_of(request), offer, OPERATORS)


def _add_members(router: APIRouter) -> None:
    @router.get(f"{COLLECTION}/members", summary="List the people who may sign in as operators")
    async def list_operators(_operator: Operator, session: Reading) -> MemberList:
        """All of this service; those who are invited and have not joined yet are not among them."""
        return await member_list(session, OPERATORS)

    @router.delete(
        f"{COLLECTION}/members/{{member_id}}", status_code=204, summary="Remove a person who may sign in as an operator"
    )
    async def remove_operator(operator: Operator, member_id: MemberId, request: Request, session: Transaction) -> None:
        """The person is signed out everywhere at once, and name, address and password are forgotten. Nobody is left without a
        way in by that: keys invite operators too."""
        await removed(session, wiring_of(request), operator, OPERATORS, member_id)

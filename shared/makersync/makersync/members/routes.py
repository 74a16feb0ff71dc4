"""The routes by which operators and administrators let people sign in."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.http.bodies import RequestModel
from makersync.http.idempotency import Created, Creating
from makersync.http.problems import NotFound
from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator
from makersync.http.wiring import wiring_of
from makersync.mail.addresses import LONGEST_ADDRESS
from makersync.members.joining import INVITATION, JOIN_PATH, Joining, MemberInvitation
from makersync.members.offer import MembersOffer
from makersync.store.operator_log import SqlOperatorLog

OrganisationId = Annotated[str, Path(description="Id of the organisation that the person belongs to.")]
_ADDRESS = "The person's e-mail address, by which the person signs in."


class MemberInvitationBody(RequestModel):
    """Whom to invite."""

    address: str = Field(max_length=LONGEST_ADDRESS, description=_ADDRESS, examples=["jo@lakeshore.example"])
    role: str = Field(max_length=40, description="What the person may do.", examples=["admin"])


class MemberInvitationView(BaseModel):
    """An invitation, with the link that makes the person a member."""

    address: str = Field(description=_ADDRESS, examples=["jo@lakeshore.example"])
    role: str = Field(description="What the person may do.", examples=["admin"])
    until: datetime = Field(description="UTC instant from which the link is of no use.", examples=["2026-11-29T09:00:00Z"])
    path: str | None = Field(
        description="Path of the link at this service. It works once, and is shown here alone: null in a repeated answer.",
        examples=["/join/t6Zk3bX0vD2mQeYwHq1sJr8nUfLgAoCiVpTz5NyKxWE"],
    )


def member_routes(collection: str, offer: MembersOffer, exists: Callable[[AsyncSession, str], Awaitable[bool]]) -> APIRouter:
    """`collection` is the path segment of the organisations, such as `employers`."""
    router = APIRouter(tags=["members"], route_class=CheckedRoute)
    roles = ", ".join(f"`{role}`" for role in offer.roles)

    @router.post(
        f"/v1/{collection}/{{organisation_id}}/member-invitations",
        status_code=201,
        response_model=MemberInvitationView,
        summary="Invite a person to sign in for an organisation",
        description=f"Send the link to the person, who chooses a password there. Roles: {roles}. A new invitation to the same "
        "address replaces the one before. Refused with 409 when somebody signs in with this address already.",
    )
    async def invite_member(
        operator: Operator, organisation_id: OrganisationId, wanted: MemberInvitationBody, request: Request, creation: Creating
    ) -> Response:
        wiring, session = wiring_of(request), creation.session

        async def make() -> Created:
            if not await exists(session, organisation_id):
                raise NotFound("no_such_thing", "There is no such organisation.")
            joining = Joining(session, wiring.pepper, wiring.clock, offer)
            invitation = MemberInvitation(organisation_id, wanted.address, wanted.role)
            token = await joining.invite(invitation, f"key:{operator.key_id}")
            log = SqlOperatorLog(session, f"key:{operator.key_id}", wiring.clock)
            log.note("member_invited", organisation_id, {"role": wanted.role})
            until = wiring.clock.now() + INVITATION
            view = MemberInvitationView(address=wanted.address, role=wanted.role, until=until, path=f"{JOIN_PATH}/{token}")
            return Created(view, repeated=Created(view.model_copy(update={"path": None})))

        return await creation.once(make)

    return router

"""The routes by which operators let people sign in, and no longer."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.http.bodies import RequestModel
from makersync.http.idempotency import Created, Creating
from makersync.http.problems import NotFound
from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator, Principal
from makersync.http.wiring import Reading, Transaction, Wiring, wiring_of
from makersync.mail.addresses import LONGEST_ADDRESS
from makersync.members.administering import Administration
from makersync.members.joining import JOIN_PATH, Joining, MemberInvitation
from makersync.members.mailing import sends_member_mail
from makersync.members.membership import members_of, remove_member
from makersync.members.offer import MembersOffer
from makersync.store.operator_log import SqlOperatorLog

OrganisationId = Annotated[str, Path(description="Id of the organisation that the person belongs to.")]
MemberId = Annotated[str, Path(max_length=100, description="Id of the member.")]
Exists = Callable[[AsyncSession, str], Awaitable[bool]]
_MEMBER_EXAMPLE = "mem_01kb1q5ve0m9x4w8d4s9b7k3qa"
_ADDRESS = "The person's e-mail address, by which the person signs in."


class MemberInvitationBody(RequestModel):
    """Whom to invite."""

    address: str = Field(max_length=LONGEST_ADDRESS, description=_ADDRESS, examples=["jo@lakeshore.example"])
    role: str = Field(max_length=40, description="What the person may do.", examples=["admin"])


class MemberInvitationView(BaseModel):
    """An invitation. Where the service sends mail, the link goes to the address alone; elsewhere it is here."""

    address: str = Field(description=_ADDRESS, examples=["jo@lakeshore.example"])
    role: str = Field(description="What the person may do.", examples=["admin"])
    until: datetime = Field(description="UTC instant from which the link is of no use.", examples=["2026-11-29T09:00:00Z"])
    path: str | None = Field(
        description="Path of the link at this service. It works once, and is shown here alone: null in a repeated answer, and "
        "where the link is mailed.",
        examples=["/join/t6Zk3bX0vD2mQeYwHq1sJr8nUfLgAoCiVpTz5NyKxWE"],
    )
    is_mailed: bool = Field(
        description="The link is mailed to the address, which is verified when the person joins. false: nobody verifies it.",
        examples=[False],
    )


class PendingInvitationView(BaseModel):
    """An invitation whose link was not used yet."""

    address: str = Field(description=_ADDRESS, examples=["jo@lakeshore.example"])
    role: str = Field(description="What the person may do.", examples=["admin"])
    until: datetime = Field(description="UTC instant from which the link is of no use.", examples=["2026-11-29T09:00:00Z"])
    invited_by: str | None = Field(
        description="Id of the member who invited on a page; null: an operator's key, or a command on the host.",
        examples=[_MEMBER_EXAMPLE],
    )
    letter: str | None = Field(
        description="What became of the letter with the link: `waiting`, `deferred`, or the outcome that ended it, as `sent`; "
        "null: no letter brings it.",
        examples=["sent"],
    )


class PendingInvitationList(BaseModel):
    """All invitations of an organisation that can be used."""

    items: list[PendingInvitationView] = Field(description="By address.")


class MemberView(BaseModel):
    """A person who may sign in."""

    member_id: str = Field(description="Id of the member.", examples=[_MEMBER_EXAMPLE])
    address: str = Field(description=_ADDRESS, examples=["jo@lakeshore.example"])
    name: str = Field(description="The person's name, as the person gave it.", examples=["Jo Miller"])
    role: str = Field(description="What the person may do.", examples=["admin"])
    created_at: datetime = Field(description="When the person joined, UTC.", examples=["2026-11-22T09:00:00Z"])
    verified_at: datetime | None = Field(
        description="When it was shown that mail to the address reaches the person, UTC; null: it never was.",
        examples=["2026-11-22T09:00:00Z"],
    )


class MemberList(BaseModel):
    """All members of an organisation."""

    items: list[MemberView] = Field(description="In the order in which they joined.")


def member_routes(collection: str, offer: MembersOffer, exists: Exists) -> APIRouter:
    """`collection` is the path segment of the organisations, such as `employers`."""
    router = APIRouter(tags=["members"], route_class=CheckedRoute)
    path = f"/v1/{collection}/{{organisation_id}}"
    _add_inviting(router, path, offer, exists)
    _add_invitations(router, path, offer, exists)
    _add_members(router, path, exists)
    return router


def _add_inviting(router: APIRouter, path: str, offer: MembersOffer, exists: Exists) -> None:
    roles = ", ".join(f"`{role}`" for role in offer.roles)

    @router.post(
        f"{path}/member-invitations",
        status_code=201,
        response_model=MemberInvitationView,
        summary="Invite a person to sign in for an organisation",
        description="Where the service sends mail, the link is mailed to the address; elsewhere send it to the person, who "
        f"chooses a password there. Roles: {roles}. A new invitation to the same address replaces the one before. Refused with "
        "409 when somebody of this organisation signs in with the address already; whether somebody of another one does is "
        "not told.",
    )
    async def invite_member(
        operator: Operator, organisation_id: OrganisationId, wanted: MemberInvitationBody, request: Request, creation: Creating
    ) -> Response:
        async def make() -> Created:
            await _demand_organisation(creation.session, exists, organisation_id)
            invitation = MemberInvitation(organisation_id, wanted.address, wanted.role)
            return await invited(creation.session, wiring_of(request), operator, offer, invitation)

        return await creation.once(make)


def _add_invitations(router: APIRouter, path: str, offer: MembersOffer, exists: Exists) -> None:
    @router.get(f"{path}/member-invitations", summary="List the invitations of an organisation that can be used")
    async def list_member_invitations(
        _operator: Operator, organisation_id: OrganisationId, request: Request, session: Reading
    ) -> PendingInvitationList:
        """Without their links, which are shown once. A member's invitations end when the member is removed, or is no
        administrator any more."""
        await _demand_organisation(session, exists, organisation_id)
        return await invitation_list(session, wiring_of(request), offer, organisation_id)


def _add_members(router: APIRouter, path: str, exists: Exists) -> None:
    @router.get(f"{path}/members", summary="List the people who may sign in for an organisation")
    async def list_members(_operator: Operator, organisation_id: OrganisationId, session: Reading) -> MemberList:
        """All of them; those who are invited and have not joined yet are not among them."""
        await _demand_organisation(session, exists, organisation_id)
        return await member_list(session, organisation_id)

    @router.delete(f"{path}/members/{{member_id}}", status_code=204, summary="Remove a person who may sign in")
    async def remove_one_member(
        operator: Operator, organisation_id: OrganisationId, member_id: MemberId, request: Request, session: Transaction
    ) -> None:
        """The person is signed out everywhere at once, and name, address and password are forgotten. Invite the same address
        again for another role, or when the password was forgotten."""
        await _demand_organisation(session, exists, organisation_id)
        await removed(session, wiring_of(request), operator, organisation_id, member_id)


async def invited(
    session: AsyncSession, wiring: Wiring, operator: Principal, offer: MembersOffer, invitation: MemberInvitation
) -> Created:
    """The answer, with the link unless it is mailed, and a note in the operators' log. Raises ValidationProblem, Conflict and
    TooManyRequests."""
    is_mailed = await sends_member_mail(session, wiring.settings, offer)
    issued = await Joining(session, wiring.pepper, wiring.clock, offer).invite(replace(invitation, is_mailed=is_mailed))
    _log(session, wiring, operator).note("member_invited", invitation.organisation_id, {"role": invitation.role})
    view = MemberInvitationView(
        address=issued.address,
        role=invitation.role,
        until=issued.until,
        path=None if is_mailed else f"{JOIN_PATH}/{issued.token}",
        is_mailed=is_mailed,
    )
    return Created(view, repeated=Created(view.model_copy(update={"path": None})))


async def invitation_list(
    session: AsyncSession, wiring: Wiring, offer: MembersOffer, organisation_id: str
) -> PendingInvitationList:
    administration = Administration(session, wiring.clock, offer, organisation_id)
    rows = await administration.invitations()
    states = await administration.mail_states(rows)
    items = [
        PendingInvitationView(
            address=row.address,
            role=row.role,
            until=row.until,
            invited_by=row.invited_by,
            letter=states.get(row.letter_id or ""),
        )
        for row in rows
    ]
    return PendingInvitationList(items=items)


async def member_list(session: AsyncSession, organisation_id: str) -> MemberList:
    rows = await members_of(session, organisation_id)
    return MemberList(items=[MemberView.model_validate(row, from_attributes=True) for row in rows])


async def removed(session: AsyncSession, wiring: Wiring, operator: Principal, organisation_id: str, member_id: str) -> None:
    """Raises NotFound."""
    if not await remove_member(session, wiring.clock, organisation_id, member_id):
        raise NotFound("no_such_thing", "There is no such member.")
    _log(session, wiring, operator).note("member_removed", organisation_id, {"member": member_id})


async def _demand_organisation(session: AsyncSession, exists: Exists, organisation_id: str) -> None:
    if not await exists(session, organisation_id):
        raise NotFound("no_such_thing", "There is no such organisation.")


def _log(session: AsyncSession, wiring: Wiring, operator: Principal) -> SqlOperatorLog:
    return SqlOperatorLog(session, operator.actor_id, wiring.clock)

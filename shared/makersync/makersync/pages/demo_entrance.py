"""The demo's links, which sign in with one click. There are none outside the embedded profile."""

import hmac

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.routing import Route

from makersync.errors import OperatorError
from makersync.http.problems import NotFound
from makersync.http.wiring import Wiring, wiring_of, writing
from makersync.identifiers import new_id
from makersync.members.sessions import Sessions
from makersync.members.tables import MemberRow
from makersync.pages.entering import caller_of
from makersync.pages.site import Site
from makersync.settings import Settings

PATH = "/demo"


def demo_routes(site: Site, settings: Settings) -> list[Route]:
    """Raises OperatorError where the setting is made in a deployment that is no demo."""
    secret = settings.demo_entrance.get_secret_value()
    if not secret:
        return []
    if settings.profile != "embedded":
        raise OperatorError("MAKERSYNC_DEMO_ENTRANCE signs in whoever has it: it works with the embedded profile alone.")

    async def enter(request: Request) -> Response:
        token, organisation_id = str(request.path_params["token"]), str(request.path_params["organisation_id"])
        wiring, members = wiring_of(request), site.offer.members
        if not hmac.compare_digest(token.encode(), secret.encode()):
            raise _nothing()
        async with writing(request) as session:
            if await members.name_in(session, organisation_id) is None:
                raise _nothing()
            # The first role of a service is the one that allows the most.
            role = next(iter(members.roles_in(organisation_id)))
            member_id = await _visitor(session, wiring, organisation_id, role)
            sessions = Sessions(session, wiring.pepper, wiring.clock, members)
            begun = await sessions.begin(member_id, caller_of(request, site))
        return site.cookie.signed_in(begun, "/")

    return [site.open(f"{PATH}/{{token}}/{{organisation_id}}", enter, ["GET"])]


async def _visitor(session: AsyncSession, wiring: Wiring, organisation_id: str, role: str) -> str:
    """The member that visitors of the demo are. Nobody can sign in as one with a password: it has none."""
    address = f"visitor@{organisation_id}"
    known = (
        await session.exec(
            select(MemberRow.member_id).where(MemberRow.address_key == address, MemberRow.organisation_id == organisation_id)
        )
    ).first()
    if known is not None:
        return known
    now = wiring.clock.now()
    row = MemberRow(
        member_id=new_id("mem", now),
        organisation_id=organisation_id,
        address=address,
        address_key=address,
        name="Visitor",
        role=role,
        password_hash="",
        created_at=now,
    )
    session.add(row)
    await session.flush()
    return row.member_id


def _nothing() -> NotFound:
    return NotFound("no_such_address", "There is nothing at this address.")

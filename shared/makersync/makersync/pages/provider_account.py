"""How members link an account at the OpenID provider to their own, and unlink it."""

from dataclasses import dataclass

from fastapi import Response
from starlette.routing import Route

from makersync.http.problems import Conflict
from makersync.http.wiring import writing
from makersync.members.accounts import sign_out_elsewhere
from makersync.members.provider_requests import ProviderRequest, Purpose
from makersync.members.sessions import Sessions
from makersync.members.tables import MemberRow
from makersync.members.unlinking import unlink_identities
from makersync.pages.account import ACCOUNT, account_page
from makersync.pages.provider_entering import LINKED, ProviderEntrance
from makersync.pages.reauthentication import Reauthentication
from makersync.pages.redirects import see_other
from makersync.pages.relying_parties import demand_relying_party
from makersync.pages.site import Site
from makersync.pages.visit import Visit
from makersync.store.activity import note_own


def provider_account_routes(site: Site) -> list[Route]:
    proof = Reauthentication(site)
    pages, both = _ProviderAccount(proof, ProviderEntrance(site)), proof.demand_both
    return [
        # To begin twice harms nothing, and each answer has to bring the cookie: it is not kept like those of other forms.
        site.changing(f"{ACCOUNT}/provider/link", pages.link, account_page, writing, both),
        site.changing(f"{ACCOUNT}/provider/unlink", pages.unlink, account_page, before=both),
    ]


@dataclass(frozen=True, slots=True)
class _ProviderAccount:
    """Both ask for the password: a session alone must not open another way in, or close one."""

    proof: Reauthentication
    entrance: ProviderEntrance

    async def link(self, visit: Visit) -> Response:
        demand_relying_party(visit.request)
        await self.proof.demand_unchanged(visit)
        wanted = ProviderRequest(Purpose.LINK, LINKED, session=visit.signed_in.digest)
        return await self.entrance.sent_in(visit.session, visit.request, wanted)

    async def unlink(self, visit: Visit) -> Response:
        """Whoever is signed in elsewhere, perhaps by the account, is signed out."""
        await self.proof.demand_unchanged(visit)
        who, wiring = visit.signed_in, visit.wiring
        member = await visit.session.get_one(MemberRow, who.member_id)
        if not member.password_hash:
            raise Conflict("only_way_in", "This account is your only way in: set a password first.")
        if await unlink_identities(visit.session, who.member_id):
            note_own(visit.session, wiring.clock.now(), "provider_unlinked", who.member_id)
            sessions = Sessions(visit.session, wiring.pepper, wiring.clock, visit.members)
            await sign_out_elsewhere(visit.session, sessions, who)
        return see_other(f"{ACCOUNT}?done=unlinked")

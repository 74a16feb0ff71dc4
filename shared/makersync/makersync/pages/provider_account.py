"""How members link an account at the OpenID provider to their own, and unlink it."""

from dataclasses import dataclass

from fastapi import Response
from starlette.routing import Route

from makersync.http.problems import Conflict
from makersync.http.wiring import writing
from makersync.members.accounts import sign_out_elsewhere
from makersync.members.passwords import words_of
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
from makersync.pages.visit import Preparation, Visit
from makersync.store.activity import note_own


def provider_account_routes(site: Site) -> list[Route]:
    proof = Reauthentication(site)
    pages, both = _ProviderAccount(proof, ProviderEntrance(site)), proof.demand_both
    return [
        # To begin twice harms nothing, and each answer has to bring the cookie: it is not kept like those of other forms.
        site.changing(f"{ACCOUNT}/provider/link", pages.link, account_page, writing, both),
        site.changing(f"{ACCOUNT}/provider/password", pages.set_password, account_page, writing, pages.hashed),
        site.changing(f"{ACCOUNT}/provider/unlink", pages.unlink, account_page, before=both),
    ]


PASSWORD_SET = f"{ACCOUNT}?done=password-set"


@dataclass(frozen=True, slots=True)
class _ProviderAccount:
    """To link and to unlink asks for the password: a session alone must not open another way in, or close one."""

    proof: Reauthentication
    entrance: ProviderEntrance

    async def link(self, visit: Visit) -> Response:
        demand_relying_party(visit.request)
        await self.proof.demand_unchanged(visit)
        wanted = ProviderRequest(Purpose.LINK, LINKED, session=visit.signed_in.digest)
        return await self.entrance.sent_in(visit.session, visit.request, wanted)

    async def hashed(self, visit: Visit) -> Preparation:
        """With the hash of the password. Raises ValidationProblem and ServiceUnavailable."""
        who, password, passwords = visit.signed_in, visit.form.get("password"), self.proof.site.passwords
        await passwords.demand_strength(password, words_of(who.name, who.address))
        return Preparation(hashed=await passwords.hashed(password))

    async def set_password(self, visit: Visit) -> Response:
        """It holds once the member has proven at the provider, anew, who it is."""
        demand_relying_party(visit.request)
        await _demand_without_password(visit)
        digest, hashed = visit.signed_in.digest, visit.prepared.hashed
        wanted = ProviderRequest(Purpose.SET_PASSWORD, PASSWORD_SET, session=digest, password_hash=hashed)
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


async def _demand_without_password(visit: Visit) -> None:
    """Raises Conflict: whoever has a password changes it by giving it."""
    if (await visit.session.get_one(MemberRow, visit.signed_in.member_id)).password_hash:
        raise Conflict("account_changed", "You have a password already: give it to change it.")

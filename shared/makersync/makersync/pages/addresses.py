"""How a member verifies the address, signs in with another one, and leaves; and the page that a link in a mail leads to."""

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response
from starlette.routing import Route

from makersync.http.problems import Conflict, Gone, Problem
from makersync.http.wiring import wiring_of, writing
from makersync.mail.addresses import address_key
from makersync.members.accounts import demand_unchanged
from makersync.members.address_holders import AddressTaken, holder_of
from makersync.members.administering import Administration
from makersync.members.claims import CLAIM, CONFIRM_PATH, AddressClaims
from makersync.members.mailing import sends_member_mail
from makersync.members.verifying import Verifying
from makersync.pages.account import ACCOUNT, account_page
from makersync.pages.forms import demand_same_origin, read_form
from makersync.pages.reauthentication import Reauthentication
from makersync.pages.redirects import see_other
from makersync.pages.site import Site
from makersync.pages.visit import Visit
from makersync.pages.words import lasting


def address_routes(site: Site) -> list[Route]:
    proof = Reauthentication(site)
    own, links = _OwnAddress(site, proof), _AddressLinks(site)
    both = proof.demand_both
    return [
        site.changing(f"{ACCOUNT}/address/verify", own.verify, account_page),
        site.changing(f"{ACCOUNT}/address", own.change, account_page, before=both),
        site.changing(f"{ACCOUNT}/leave", own.leave, account_page, before=both),
        site.open(f"{CONFIRM_PATH}/{{token}}", links.confirm, ["GET", "POST"]),
    ]


@dataclass(frozen=True, slots=True)
class _OwnAddress:
    """Another address, and leaving, ask for the password: a session alone must not take an account away."""

    site: Site
    proof: Reauthentication

    async def verify(self, visit: Visit) -> Response:
        await _demand_mail(visit)
        await _verifying(visit).ask_own(visit.signed_in)
        return _back("verification")

    async def change(self, visit: Visit) -> Response:
        """The answer is the same whether somebody signs in with the address or not."""
        await _demand_mail(visit)
        member = await demand_unchanged(visit.session, visit.signed_in, visit.prepared.compared)
        await self.proof.demand_code_if_set_up(visit)
        await _verifying(visit).ask_other(member, visit.form.get("address").strip())
        return _back("address")

    async def leave(self, visit: Visit) -> Response:
        who = visit.signed_in
        administration = Administration(visit.session, visit.wiring.clock, visit.members, who.belongs_to)
        await administration.demand_unchanged(who, visit.prepared.compared)
        await self.proof.demand_code_if_set_up(visit)
        await administration.remove(who.member_id)
        return self.site.cookie.signed_out()


@dataclass(frozen=True, slots=True)
class _AddressLinks:
    site: Site

    async def confirm(self, request: Request) -> Response:
        """Opening the link changes nothing: programs that look for malice in mails open every link. Whoever has it reads the
        mail of the address, and need not be signed in."""
        if request.method != "POST":
            return await self._asked(request, None)
        demand_same_origin(request)
        form, wiring = await read_form(request), wiring_of(request)
        try:
            async with writing(request) as session:
                verifying = Verifying(session, wiring.pepper, wiring.clock)
                if not await verifying.confirm(_token(request), form.get("agreed")):
                    raise _too_late()
        except AddressTaken as taken:
            return await self._asked(request, taken)
        return self.site.page(request, "address_confirmed.html")

    async def _asked(self, request: Request, problem: Problem | None) -> Response:
        """Raises Gone."""
        wiring, members = wiring_of(request), self.site.offer.members
        async with wiring.store.snapshot() as session:
            claim = await AddressClaims(session, wiring.pepper, wiring.clock).find(_token(request))
            if claim is None:
                raise _too_late()
            organisation = await members.name_in(session, claim.organisation_id) or claim.organisation_id
            holder = await holder_of(session, members, address_key(claim.address)) if claim.is_other else None
        status = 200 if problem is None else problem.status
        values = {"claim": claim, "organisation": organisation, "holder": holder, "problem": problem}
        return self.site.page(request, "address_confirm.html", None, status, **values)


def _verifying(visit: Visit) -> Verifying:
    return Verifying(visit.session, visit.wiring.pepper, visit.wiring.clock)


async def _demand_mail(visit: Visit) -> None:
    """Raises Conflict."""
    if not await sends_member_mail(visit.session, visit.wiring.settings, visit.members):
        raise Conflict("mail_off", "This service sends no mail, so no address can be verified.")


def _token(request: Request) -> str:
    return str(request.path_params["token"])


def _back(done: str) -> Response:
    return see_other(f"{ACCOUNT}?done={done}")


def _too_late() -> Gone:
    over = (
        f"This link was used, is older than {lasting(CLAIM)}, or was replaced by a newer one. Ask for another on your account."
    )
    return Gone("address_link_over", over)

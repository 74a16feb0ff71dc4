"""The way to the OpenID provider and back: by a form, a page that leads there, and the page that the provider leads back to.

Browsers hold a form's redirects to the `form-action` of its page. So a form leads to a page of this service, which leads on,
and no page allows forms to another host.
"""

import structlog
from fastapi import Request
from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.routing import Route

from makersync.http.problems import Problem
from makersync.http.wiring import wiring_of, writing
from makersync.members.address_holders import AddressTaken
from makersync.members.identities import Identities
from makersync.members.joining import JOIN_PATH
from makersync.members.misses import SignInMisses
from makersync.members.provider_requests import ProviderRequest, ProviderRequests, Purpose
from makersync.members.provider_signing_in import ProviderSigningIn, request_key
from makersync.oidc.faults import Fault, ProviderRefused
from makersync.oidc.id_tokens import ProvenIdentity
from makersync.oidc.relying_party import RelyingParty, Return
from makersync.oidc.setup import RETURN_PATH
from makersync.pages.entering import LONGEST_NAME, caller_of
from makersync.pages.forms import demand_same_origin, read_form
from makersync.pages.provider_cookie import ProviderCookie
from makersync.pages.provider_refusals import refusal_of
from makersync.pages.redirects import see_other
from makersync.pages.relying_parties import demand_relying_party
from makersync.pages.session_cookie import SIGN_IN, way_back
from makersync.pages.site import Site

log = structlog.get_logger(__name__)
PROVIDER = f"{SIGN_IN}/oidc"
LINKED = "/account?done=linked"


def provider_routes(site: Site) -> list[Route]:
    pages = ProviderEntrance(site)
    return [
        site.open(PROVIDER, pages.begin, ["POST"]),
        site.open(f"{JOIN_PATH}/{{token}}/oidc", pages.begin_joining, ["POST"]),
        site.open(f"{PROVIDER}/go", pages.lead_on, ["GET"]),
        site.open(RETURN_PATH, pages.come_back, ["GET"]),
    ]


class ProviderEntrance:
    def __init__(self, site: Site) -> None:
        self._site, self._cookie = site, ProviderCookie(site.cookie.name)

    async def begin(self, request: Request) -> Response:
        demand_relying_party(request)
        demand_same_origin(request)
        form = await read_form(request)
        return await self.sent(request, ProviderRequest(Purpose.SIGN_IN, way_back(form.get("next"))))

    async def begin_joining(self, request: Request) -> Response:
        """Whether the invitation holds is looked at when the browser comes back."""
        demand_relying_party(request)
        demand_same_origin(request)
        form, token = await read_form(request), str(request.path_params["token"])
        try:
            name = form.line("name", LONGEST_NAME)
        except Problem:
            return see_other(f"{JOIN_PATH}/{token}?name=missing")
        wanted = ProviderRequest(Purpose.JOIN, f"{JOIN_PATH}/{token}", token, name, form.get("agreed"))
        return await self.sent(request, wanted)

    async def sent(self, request: Request, wanted: ProviderRequest) -> Response:
        """To the page that leads on to the provider. Raises TooManyRequests."""
        async with wiring_of(request).store.unnoticed() as session:
            return await self.sent_in(session, request, wanted)

    async def sent_in(self, session: AsyncSession, request: Request, wanted: ProviderRequest) -> Response:
        """The same in a transaction that is open."""
        wiring, browser = wiring_of(request), self._cookie.token_or_new(request)
        state = await ProviderRequests(session, wiring.pepper, wiring.clock).begin(browser, wanted)
        misses = SignInMisses(session, wiring.pepper, wiring.clock)
        await misses.count(request_key(state), caller_of(request, self._site).peer)
        return self._cookie.keep(see_other(f"{PROVIDER}/go?state={state}"), browser)

    async def lead_on(self, request: Request) -> Response:
        """Nothing is asked of the provider for a browser that was not sent here. Loading the page again tries again."""
        party, wiring = demand_relying_party(request), wiring_of(request)
        browser, state = self._cookie.token(request), request.query_params.get("state", "")
        async with wiring.store.reading() as session:
            requests = ProviderRequests(session, wiring.pepper, wiring.clock)
            wanted = await requests.find(browser, state)
        if wanted is None:
            return self._refused(request, party, Fault.REQUEST_OVER, None)
        try:
            anew = wanted.purpose is Purpose.SET_PASSWORD
            address = await party.address(requests.secrets(browser, state), anew)
        except ProviderRefused as refused:
            return self._refused(request, party, refused.fault, wanted)
        answer = self._site.page(request, "provider_go.html", name=party.setup.name, address=address)
        answer.headers["Refresh"] = f"0; url={address}"
        return answer

    async def come_back(self, request: Request) -> Response:
        """No database session is open while the provider is asked. Whatever comes of it, it is over then: nobody can come back
        twice with the same."""
        party, wiring, query = demand_relying_party(request), wiring_of(request), request.query_params
        browser, state = self._cookie.token(request), query.get("state", "")
        async with wiring.store.unnoticed() as session:
            requests = ProviderRequests(session, wiring.pepper, wiring.clock)
            wanted = await requests.take(browser, state)
        if wanted is None:
            return self._refused(request, party, Fault.REQUEST_OVER, None)
        brought = Return(query.get("code", ""), query.get("error", ""), query.get("iss", ""))
        try:
            proven = await party.proven(brought, requests.secrets(browser, state))
        except ProviderRefused as refused:
            return self._refused(request, party, refused.fault, wanted)
        if wanted.purpose is Purpose.SIGN_IN:
            return await self._sign_in(request, party, proven, wanted, state)
        return await self._changed(request, party, proven, wanted, state)

    async def _sign_in(
        self, request: Request, party: RelyingParty, proven: ProvenIdentity, wanted: ProviderRequest, state: str
    ) -> Response:
        wiring, caller = wiring_of(request), caller_of(request, self._site)
        async with wiring.store.unnoticed() as session:
            signing = ProviderSigningIn(session, wiring.pepper, wiring.clock, self._site.offer.members)
            entered = await signing.sign_in(proven, caller)
            if entered is not None:
                await signing.forgive(state, caller.peer)
            is_members = entered is None and await Identities(session, wiring.clock).is_address_of_member(proven)
        if entered is None:
            log.info("provider_account_not_linked")
            values = {"name": party.setup.name, "address": proven.address if is_members else None}
            return self._site.page(request, "provider_unknown.html", None, 403, **values)
        cookie = self._site.cookie
        return (cookie.asked_for_code if entered.needs_code else cookie.signed_in)(entered.token, wanted.way)

    async def _changed(
        self, request: Request, party: RelyingParty, proven: ProvenIdentity, wanted: ProviderRequest, state: str
    ) -> Response:
        """Join, link, or set a password. What is refused is said beside the way back."""
        wiring, caller, entered = wiring_of(request), caller_of(request, self._site), None
        try:
            async with writing(request) as session:
                signing = ProviderSigningIn(session, wiring.pepper, wiring.clock, self._site.offer.members)
                if wanted.purpose is Purpose.JOIN:
                    entered = await signing.join(proven, wanted, caller)
                    is_done = entered is not None
                elif wanted.purpose is Purpose.LINK:
                    is_done = await signing.link(proven, wanted, caller.token)
                else:
                    is_done = await signing.set_password(proven, wanted, caller.token)
                if is_done:
                    await signing.forgive(state, caller.peer)
        except AddressTaken:
            # The page of the invitation says who has the address, to whom it may.
            return see_other(wanted.way)
        except ProviderRefused as refused:
            return self._refused(request, party, refused.fault, wanted)
        except Problem as problem:
            return self._said(request, problem.status, problem.detail, wanted)
        if not is_done:
            return self._refused(request, party, Fault.REQUEST_OVER, wanted)
        return see_other(wanted.way) if entered is None else self._site.cookie.signed_in(entered.token, "/")

    def _refused(self, request: Request, party: RelyingParty, fault: Fault, wanted: ProviderRequest | None) -> Response:
        log.warning("provider_sign_in_refused", fault=fault.value)
        return self._said(request, *refusal_of(fault, party.setup.name), wanted)

    def _said(self, request: Request, status: int, text: str, wanted: ProviderRequest | None) -> Response:
        way = "" if wanted is None or wanted.purpose is Purpose.SIGN_IN else wanted.way
        purpose = Purpose.SIGN_IN if wanted is None else wanted.purpose
        answer = self._site.page(request, "provider_refused.html", None, status, purpose=purpose.value, text=text, way=way)
        if status == 503:
            answer.headers["Retry-After"] = "60"
        return answer

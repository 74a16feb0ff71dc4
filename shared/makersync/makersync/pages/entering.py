"""The pages to sign in and out, and the one that an invitation leads to."""

from contextlib import AbstractAsyncContextManager

from fastapi import Request
from fastapi.responses import Response
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.routing import Route

from makersync.errors import RetryLater
from makersync.http.problems import Gone, Problem, Unauthorized
from makersync.http.wiring import Wiring, wiring_of, writing
from makersync.mail.addresses import address_key
from makersync.members.address_holders import AddressTaken, holder_of
from makersync.members.joining import INVITATION, JOIN_PATH, Joining
from makersync.members.mailing import sends_member_mail
from makersync.members.passwords import LONGEST, SHORTEST, words_of
from makersync.members.second_step import LONGEST_CODE, MISSES_COUNT, MOST_MISSES
from makersync.members.sessions import Caller, Sessions
from makersync.members.signing_in import SigningIn
from makersync.pages.form_bodies import errors_of
from makersync.pages.forms import demand_same_origin, read_form
from makersync.pages.redirects import see_other
from makersync.pages.relying_parties import is_provider_gone, provider_name
from makersync.pages.session_cookie import CODE, SIGN_IN, way_back
from makersync.pages.site import Site
from makersync.pages.visit import Visit
from makersync.pages.words import lasting
from makersync.store.activity import note

LONGEST_NAME = 120
_WRONG = "The address or the password is not right."
_WRONG_CODE = (
    f"The code is not right, or was used before. The app shows a new one soon. After {MOST_MISSES} wrong codes within "
    f"{lasting(MISSES_COUNT)}, only recovery codes are accepted."
)


def entering_routes(site: Site) -> list[Route]:
    entrance = _Entrance(site)
    return [
        site.open(SIGN_IN, entrance.sign_in, ["GET", "POST"]),
        site.open(CODE, entrance.code, ["GET", "POST"]),
        site.open(f"{JOIN_PATH}/{{token}}", entrance.join, ["GET", "POST"]),
        site.changing("/sign-out", entrance.sign_out, begins=_unnoticed),
    ]


class _Entrance:
    def __init__(self, site: Site) -> None:
        self._site, self._passwords = site, site.passwords

    async def sign_in(self, request: Request) -> Response:
        """The same answer whether the address or the password is wrong, after the same time."""
        way = way_back(request.query_params.get("next"))
        if request.method != "POST":
            return await self._first_step(request, way)
        demand_same_origin(request)
        form, wiring = await read_form(request), wiring_of(request)
        way, address = way_back(form.get("next")), form.get("address")
        entered = await signing_in(self._site, wiring).sign_in(address, form.get("password"), caller_of(request, self._site))
        if entered is None:
            return await self._first_step(request, way, 422, address, _WRONG)
        cookie = self._site.cookie
        return cookie.asked_for_code(entered.token, way) if entered.needs_code else cookie.signed_in(entered.token, way)

    async def code(self, request: Request) -> Response:
        """The second step, for a browser that gave the password; others are sent to the first."""
        way, token = way_back(request.query_params.get("next")), self._site.cookie.pending_sign_in(request)
        signing = signing_in(self._site, wiring_of(request))
        if request.method != "POST":
            if not await signing.is_pending(token):
                return see_other(SIGN_IN)
            return self._site.page(request, "sign_in_code.html", way=way, wrong="", longest=LONGEST_CODE)
        demand_same_origin(request)
        form = await read_form(request)
        way = way_back(form.get("next"))
        try:
            entered = await signing.finish(token, form.get("code"), caller_of(request, self._site))
        except Unauthorized as over:
            return await self._first_step(request, way, over.status, wrong=over.detail)
        if entered is None:
            return self._site.page(request, "sign_in_code.html", None, 422, way=way, wrong=_WRONG_CODE, longest=LONGEST_CODE)
        return self._site.cookie.signed_in(entered.token, way)

    async def _first_step(self, request: Request, way: str, status: int = 200, address: str = "", wrong: str = "") -> Response:
        return self._site.page(
            request,
            "sign_in.html",
            None,
            status,
            way=way,
            address=address,
            wrong=wrong,
            provider=provider_name(request),
            is_provider_gone=await is_provider_gone(request),
            recovers=await mails_links(self._site, wiring_of(request)),
            is_recovered="recovered" in request.query_params and not wrong,
        )

    async def join(self, request: Request) -> Response:
        """Opening the link changes nothing: programs that look for malice in mails open every link."""
        if request.method != "POST":
            return await self._invitation(request, "", None)
        demand_same_origin(request)
        form = await read_form(request)
        try:
            name = form.line("name", LONGEST_NAME)
            await self._demand_password(request, form.get("password"), name)
        except Problem as problem:
            return await self._invitation(request, form.get("name"), problem)
        password_hash = await self._passwords.hashed(form.get("password"))
        try:
            token = await self._joined(request, name, password_hash, form.get("agreed"))
        except AddressTaken as taken:
            return await self._invitation(request, name, taken)
        return self._site.cookie.signed_in(token, "/")

    async def _joined(self, request: Request, name: str, password_hash: str, agreed: str) -> str:
        """The token of the session in which the person is signed in. Raises Gone and AddressTaken."""
        wiring, members = wiring_of(request), self._site.offer.members
        async with writing(request) as session:
            joining = Joining(session, wiring.pepper, wiring.clock, members)
            member_id = await joining.join(_invited(request), name, password_hash, agreed)
            if member_id is None:
                raise _too_late()
            sessions = Sessions(session, wiring.pepper, wiring.clock, members)
            return await sessions.begin(member_id, caller_of(request, self._site))

    async def sign_out(self, visit: Visit) -> Response:
        wiring = visit.wiring
        await Sessions(visit.session, wiring.pepper, wiring.clock, visit.members).end(visit.signed_in.digest)
        note(visit.session, wiring.clock.now(), visit.signed_in.acting, "signed_out", visit.signed_in.member_id)
        return self._site.cookie.signed_out()

    async def _demand_password(self, request: Request, password: str, name: str) -> None:
        """Raises ValidationProblem."""
        wiring = wiring_of(request)
        async with wiring.store.snapshot() as session:
            joining = Joining(session, wiring.pepper, wiring.clock, self._site.offer.members)
            found = await joining.find(_invited(request))
        if found is None:
            raise _too_late()
        await self._passwords.demand_strength(password, words_of(name, found.address))

    async def _invitation(self, request: Request, name: str, problem: Problem | None) -> Response:
        wiring, members = wiring_of(request), self._site.offer.members
        async with wiring.store.snapshot() as session:
            found = await Joining(session, wiring.pepper, wiring.clock, members).find(_invited(request))
            organisation = None if found is None else await members.name_in(session, found.organisation_id)
            # Who has the address is told to whoever reads its mail, and to nobody else.
            is_owner = found is not None and found.is_mailed
            holder = await holder_of(session, members, address_key(found.address)) if found and is_owner else None
        if found is None:
            raise _too_late()
        return self._site.page(
            request,
            "join.html",
            None,
            200 if problem is None else problem.status,
            invitation=found,
            holder=holder,
            problem=problem,
            organisation=organisation or found.organisation_id,
            name=name,
            errors=errors_of(problem),
            shortest=SHORTEST,
            longest=LONGEST,
            longest_name=LONGEST_NAME,
            provider=provider_name(request),
            token=_invited(request),
            lacks_name="name" in request.query_params,
        )


def _unnoticed(request: Request) -> AbstractAsyncContextManager[AsyncSession]:
    """Whoever leaves may leave, also while the service takes no changes."""
    return wiring_of(request).store.unnoticed()


async def mails_links(site: Site, wiring: Wiring) -> bool:
    """Whether whoever has forgotten the password may have a link by mail: a request that nobody meets is not taken."""
    try:
        async with wiring.store.reading() as session:
            return await sends_member_mail(session, wiring.settings, site.offer.members)
    except RetryLater:
        return False


def signing_in(site: Site, wiring: Wiring) -> SigningIn:
    return SigningIn(wiring.store, wiring.pepper, wiring.clock, site.offer.members, site.passwords)


def caller_of(request: Request, site: Site) -> Caller:
    peer = request.client.host if request.client is not None else ""
    return Caller(peer, request.headers.get("user-agent", ""), site.cookie.token(request))


def _invited(request: Request) -> str:
    return str(request.path_params["token"])


def _too_late() -> Gone:
    return Gone(
        "invitation_over", f"This invitation was used, is older than {lasting(INVITATION)}, or was replaced by a newer one."
    )

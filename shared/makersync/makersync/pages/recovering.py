"""The pages for whoever has forgotten the password, where the deployment sends mail."""

from fastapi import Request
from fastapi.responses import Response
from starlette.routing import Route

from makersync.http.problems import Gone, NotFound, Problem
from makersync.http.wiring import wiring_of, writing
from makersync.mail.addresses import address_key
from makersync.members.misses import SignInMisses
from makersync.members.passwords import LONGEST, SHORTEST, words_of
from makersync.members.recovery import RECOVER_PATH, RECOVERY, Recoveries
from makersync.members.recovery_requests import request_recovery
from makersync.pages.entering import caller_of, mails_links
from makersync.pages.form_bodies import errors_of
from makersync.pages.forms import demand_same_origin, read_form
from makersync.pages.redirects import see_other
from makersync.pages.session_cookie import SIGN_IN
from makersync.pages.site import Site
from makersync.pages.words import lasting

FORGOTTEN = "/forgotten"
_LONGEST_ADDRESS = 300


def recovering_routes(site: Site) -> list[Route]:
    pages = _Recovering(site)
    return [
        site.open(FORGOTTEN, pages.ask, ["GET", "POST"]),
        site.open(f"{RECOVER_PATH}/{{token}}", pages.recover, ["GET", "POST"]),
    ]


class _Recovering:
    def __init__(self, site: Site) -> None:
        self._site = site

    async def ask(self, request: Request) -> Response:
        """The same work and the same answer, whoever's address it is, and whether it is anybody's."""
        wiring = wiring_of(request)
        if not await mails_links(self._site, wiring):
            raise NotFound("no_such_address", "This service sends no mail. Ask for a new invitation.")
        if request.method != "POST":
            return self._site.page(request, "forgotten.html", is_asked=False, recovery=RECOVERY)
        demand_same_origin(request)
        form = await read_form(request)
        key = address_key(form.get("address").strip()[:_LONGEST_ADDRESS])
        peer = caller_of(request, self._site).peer
        async with wiring.store.unnoticed() as session:
            await SignInMisses(session, wiring.pepper, wiring.clock).count(f"recovery {key}", peer)
            await request_recovery(session, wiring.clock, key)
        return self._site.page(request, "forgotten.html", is_asked=True, recovery=RECOVERY)

    async def recover(self, request: Request) -> Response:
        """Opening the link changes nothing: programs that look for malice in mails open every link."""
        if request.method != "POST":
            return await self._form(request, None)
        demand_same_origin(request)
        form, wiring = await read_form(request), wiring_of(request)
        try:
            name, address = await self._whose(request)
            await self._site.passwords.demand_strength(form.get("password"), words_of(name, address))
        except Gone:
            raise
        except Problem as problem:
            return await self._form(request, problem)
        password_hash = await self._site.passwords.hashed(form.get("password"))
        async with writing(request) as session:
            if not await Recoveries(session, wiring.pepper, wiring.clock).use(_token(request), password_hash):
                raise _too_late()
        return see_other(f"{SIGN_IN}?recovered=yes")

    async def _form(self, request: Request, problem: Problem | None) -> Response:
        _, address = await self._whose(request)
        errors = errors_of(problem)
        status = 200 if problem is None else problem.status
        values = {"address": address, "errors": errors, "problem": problem, "shortest": SHORTEST, "longest": LONGEST}
        return self._site.page(request, "recover.html", None, status, **values)

    async def _whose(self, request: Request) -> tuple[str, str]:
        """Name and address. Raises Gone."""
        wiring = wiring_of(request)
        async with wiring.store.snapshot() as session:
            member = await Recoveries(session, wiring.pepper, wiring.clock).member(_token(request))
        if member is None:
            raise _too_late()
        return member.name, member.address


def _token(request: Request) -> str:
    return str(request.path_params["token"])


def _too_late() -> Gone:
    over = f"This link was used, is older than {lasting(RECOVERY)}, or was replaced by newer ones. Ask for another."
    return Gone("recovery_over", over)

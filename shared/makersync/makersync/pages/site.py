"""The pages of one service: who visits is known by a session, and what is refused is told on a page too."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any
from urllib.parse import urlencode, urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.responses import RedirectResponse
from starlette.routing import Route

from makersync.errors import RetryLater
from makersync.http.matched import PAGE_TEMPLATE
from makersync.http.problems import Forbidden, Problem, ServiceUnavailable, Unauthorized
from makersync.http.routing import refuse_unreadable
from makersync.http.wiring import Wiring, wiring_of, writing
from makersync.members.hashing import KeyedHashes
from makersync.members.offer import MembersOffer
from makersync.members.sessions import Sessions, SignedIn
from makersync.pages.forms import SentForm, demand_same_origin, read_form
from makersync.pages.headers import PAGE_HEADERS
from makersync.pages.static_files import StaticFile, static_files, static_routes
from makersync.pages.words import filters

#: With this prefix browsers send it to this host alone, over TLS alone (on loopback plain HTTP counts as such).
COOKIE = "__Host-makersync"
SIGN_IN = "/sign-in"
#: The name of the field that every form carries.
FORM_FIELD = "form_token"
_LONGEST_WAY_BACK = 1000
#: What is wrong with the visit itself, whatever the form says.
_OF_VISITS = (Unauthorized, Forbidden, ServiceUnavailable)
_ROLE_MISSING = "Your role does not allow this. An operator of the platform can give you another."


@dataclass(frozen=True, slots=True)
class NavigationLink:
    path: str
    label: str


@dataclass(frozen=True, slots=True)
class SiteOffer:
    """What distinguishes the pages of one service. `templates` is the package whose folder `templates` has its own; `refusals`
    turns errors of its domain into problems."""

    title: str
    members: MembersOffer
    navigation: Sequence[NavigationLink]
    templates: str
    refusals: Callable[[Exception], Problem | None] = lambda _error: None


@dataclass(slots=True)
class Visit:
    """One request of a member, within one database session: a transaction when the request may change something."""

    site: "Site"
    request: Request
    session: AsyncSession
    signed_in: SignedIn
    form: SentForm = field(default_factory=SentForm)

    @property
    def tenant(self) -> str:
        return self.signed_in.principal.tenant

    @property
    def wiring(self) -> Wiring:
        return wiring_of(self.request)

    def page(self, template: str, status: int = 200, **values: Any) -> Response:
        return self.site.page(self.request, template, self.signed_in, status, **values)

    def demand(self, scope: str) -> None:
        """Raises Forbidden."""
        if not self.signed_in.principal.may(scope):
            raise Forbidden("role_missing", _ROLE_MISSING)


Handler = Callable[[Visit], Awaitable[Response]]
Again = Callable[[Visit, Problem], Awaitable[Response]]
Begins = Callable[[Request], AbstractAsyncContextManager[AsyncSession]]
Endpoint = Callable[[Request], Awaitable[Response]]


class Site:
    """Makes the routes of pages. They are no API: they stand in no OpenAPI document, and take no API key."""

    def __init__(self, offer: SiteOffer, now: Callable[[], datetime], zone: tzinfo) -> None:
        self.offer = offer
        self._files: Mapping[str, StaticFile] = static_files()
        loaders = [PackageLoader(offer.templates, "templates"), PackageLoader("makersync.pages", "templates")]
        self._templates = Environment(
            loader=ChoiceLoader(loaders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(filters(now, zone))
        self._templates.globals.update(site=offer, static=lambda name: self._files[name].path)

    def static_routes(self) -> list[Route]:
        return static_routes(self._files)

    def reading(self, path: str, handler: Handler) -> Route:
        """A page that changes nothing."""

        async def read(request: Request) -> Response:
            async with wiring_of(request).store.snapshot() as session:
                signed_in = await self._sessions(request, session).find(token_of(request))
                if signed_in is None:
                    return _to_sign_in(request)
                answer = await handler(Visit(self, request, session, signed_in))
            await self._touch(request, signed_in)
            return answer

        return Route(path, self._guarded(path, read), methods=["GET"])

    def changing(self, path: str, handler: Handler, again: Again | None = None, begins: Begins | None = None) -> Route:
        """What a form of a page is sent to. `again` shows the form once more when what was sent is refused; `begins` begins
        another transaction than the usual one."""

        async def change(request: Request) -> Response:
            demand_same_origin(request)
            form = await read_form(request)
            try:
                async with (begins or writing)(request) as session:
                    return await handler(await self._visit(request, session, form))
            except Exception as error:
                problem = self._problem_of(error)
                if again is None or problem is None or isinstance(problem, _OF_VISITS):
                    raise
            async with wiring_of(request).store.snapshot() as session:
                return await again(await self._visit(request, session, form), problem)

        return Route(path, self._guarded(path, change), methods=["POST"])

    def open(self, path: str, endpoint: Endpoint, methods: Sequence[str]) -> Route:
        """A page for people who are not signed in."""
        return Route(path, self._guarded(path, endpoint), methods=list(methods))

    def page(
        self, request: Request, template: str, signed_in: SignedIn | None = None, status: int = 200, **values: Any
    ) -> Response:
        text = self._templates.get_template(template).render(signed_in=signed_in, path=request.url.path, **values)
        return HTMLResponse(text, status, headers=PAGE_HEADERS)

    async def is_signed_in(self, request: Request) -> bool:
        """Whether the session of a request still lives, for an answer that takes long. Raises RetryLater."""
        async with wiring_of(request).store.reading() as session:
            return await self._sessions(request, session).find(token_of(request)) is not None

    async def _visit(self, request: Request, session: AsyncSession, form: SentForm) -> Visit:
        """Raises Unauthorized when nobody is signed in, and Forbidden when the form is not from this session."""
        signed_in = await self._sessions(request, session).find(token_of(request))
        if signed_in is None:
            raise Unauthorized("session_over", "You are signed out.")
        if not KeyedHashes.is_same(form.get(FORM_FIELD), signed_in.form_token):
            raise Forbidden("form_token", "This form is from before you signed in. Load the page again.")
        return Visit(self, request, session, signed_in, form)

    def _problem_of(self, error: Exception) -> Problem | None:
        """The problem that an error is for the visitor; None when it is a fault of ours."""
        if isinstance(error, RetryLater):
            return ServiceUnavailable("part_away", "A part of the service is away. Try again soon.")
        return error if isinstance(error, Problem) else self.offer.refusals(error)

    def _guarded(self, path: str, endpoint: Endpoint) -> Endpoint:
        async def guarded(request: Request) -> Response:
            request.scope[PAGE_TEMPLATE] = path
            try:
                refuse_unreadable(request)
                return await endpoint(request)
            except Exception as error:
                if (problem := self._problem_of(error)) is None:
                    raise
                return self._problem(request, problem)

        return guarded

    def _problem(self, request: Request, problem: Problem) -> Response:
        if isinstance(problem, Unauthorized):
            return self.page(request, "signed_out.html", None, problem.status)
        answer = self.page(request, "problem.html", None, problem.status, problem=problem)
        answer.headers.update({name: value for name, value in problem.headers.items() if name == "Retry-After"})
        return answer

    def _sessions(self, request: Request, session: AsyncSession) -> Sessions:
        wiring = wiring_of(request)
        return Sessions(session, wiring.pepper, wiring.clock, self.offer.members)

    async def _touch(self, request: Request, signed_in: SignedIn) -> None:
        """A page is not refused because its visit cannot be noted. What a page loads by itself is no visit."""
        wiring = wiring_of(request)
        if is_script_request(request) or not Sessions.is_stale(signed_in, wiring.clock.now()):
            return
        with suppress(RetryLater):
            async with wiring.store.unnoticed() as session:
                await self._sessions(request, session).touch(signed_in)


def signed_in_answer(token: str, way: str) -> Response:
    """To the page that was asked for, as somebody who is signed in."""
    answer = RedirectResponse(way, 303, headers=PAGE_HEADERS)
    answer.set_cookie(COOKIE, token, path="/", secure=True, httponly=True, samesite="lax")
    return answer


def way_back(wanted: str | None) -> str:
    """A path of this service, whatever was asked for: `//host` and `/\\host` lead elsewhere."""
    if wanted is None or len(wanted) > _LONGEST_WAY_BACK or not wanted.startswith("/") or wanted[1:2] in ("/", "\\"):
        return "/"
    return wanted if wanted.isprintable() else "/"


def is_script_request(request: Request) -> bool:
    return request.headers.get("HX-Request") == "true"


def token_of(request: Request) -> str:
    """The token of the session in the browser's cookie; empty without one."""
    return request.cookies.get(COOKIE, "")


def _to_sign_in(request: Request) -> Response:
    if is_script_request(request):
        headers = {**PAGE_HEADERS, "HX-Redirect": _sign_in_and_back(*_shown(request))}
        return Response(status_code=401, headers=headers)
    return RedirectResponse(_sign_in_and_back(request.url.path, request.url.query), 303, headers=PAGE_HEADERS)


def _shown(request: Request) -> tuple[str, str]:
    """Path and query of the page that a script is on; of what is no URL, those of the first page."""
    try:
        shown = urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        return "/", ""
    return shown.path, shown.query


def _sign_in_and_back(path: str, query: str) -> str:
    way = way_back(f"{path}?{query}" if query else path)
    return SIGN_IN if way == "/" else f"{SIGN_IN}?{urlencode({'next': way})}"

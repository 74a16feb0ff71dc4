"""Pages for people: server-rendered routes of a service, for members who are signed in and for those who are not yet."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from functools import partial
from gettext import NullTranslations
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.routing import Route

from makersync.errors import RetryLater
from makersync.http.keyed_hashes import KeyedHashes
from makersync.http.keys import OPERATOR
from makersync.http.matched_route import PAGE_TEMPLATE
from makersync.http.people import PageRoute
from makersync.http.problems import Forbidden, Problem, ServiceUnavailable, Unauthorized
from makersync.http.routing import refuse_unreadable
from makersync.http.wiring import wiring_of, writing
from makersync.members.offer import MANAGE_MEMBERS, MembersOffer
from makersync.members.passwords import Passwords
from makersync.members.sessions import Sessions, SignedIn
from makersync.pages.compression import compress_page
from makersync.pages.forms import SentForm, demand_same_origin, read_form
from makersync.pages.headers import PAGE_HEADERS
from makersync.pages.once import act_once, new_once
from makersync.pages.operator_links import DEAD_LETTERS, OPERATIONS, service_links
from makersync.pages.session_cookie import SessionCookie, is_script_request, to_sign_in
from makersync.pages.static_files import StaticFile, static_files, static_routes
from makersync.pages.templating import ENGLISH, environment
from makersync.pages.visit import Again, Before, Handler, Preparation, Visit
from makersync.store.activity import ACTING

#: The name of the field that every form carries.
FORM_FIELD = "form_token"
#: What is wrong with the visit itself, whatever the form says.
_OF_VISITS = (Unauthorized, Forbidden, ServiceUnavailable)
#: The rule of a form that was sent from an earlier session: whoever has signed in again does not lose what was typed.
_EARLIER_FORM = "form_token"
#: Where in a request's scope it stands who is signed in, so that a page with a problem shows the navigation too.
_SIGNED_IN = "makersync.signed_in"


@dataclass(frozen=True, slots=True)
class NavigationLink:
    """`scope` is what a member has to hold to see the link; everybody sees one without."""

    path: str
    label: str
    scope: str = ""

    def leads_to(self, path: str) -> bool:
        """Whether a path is this page's, or that of a page below it."""
        return path == self.path or path.startswith(f"{self.path.rstrip('/')}/")


#: In every service, before its own.
_OF_OPERATORS = (NavigationLink(OPERATIONS, "Status", OPERATOR), NavigationLink(DEAD_LETTERS, "Dead letters", OPERATOR))


@dataclass(frozen=True, slots=True)
class SiteOffer:
    """What distinguishes the pages of one service. `templates` is the package whose folder `templates` has its own; `refusals`
    turns errors of its domain into problems; `languages` are further ones of pages that are translated. `integrations` are the
    pages of an organisation's programs, tabs of one another."""

    service: str
    title: str
    members: MembersOffer
    navigation: Sequence[NavigationLink]
    templates: str
    refusals: Callable[[Exception], Problem | None] = lambda _error: None
    languages: Mapping[str, NullTranslations] = field(default_factory=dict)
    integrations: Sequence[NavigationLink] = ()

    @property
    def links(self) -> Sequence[NavigationLink]:
        """The navigation, with the pages that every service has."""
        own = NavigationLink("/members", "Members", MANAGE_MEMBERS), NavigationLink("/activity", "Audit log", MANAGE_MEMBERS)
        return (*_OF_OPERATORS, *self.navigation, *own)


Begins = Callable[[Request], AbstractAsyncContextManager[AsyncSession]]
Endpoint = Callable[[Request], Awaitable[Response]]


class Site:
    """Makes the routes of pages. They are no API: they stand in no OpenAPI document, and take no API key."""

    def __init__(self, offer: SiteOffer, now: Callable[[], datetime], zone: tzinfo) -> None:
        self.offer, self.cookie, self.passwords = offer, SessionCookie(offer.service), Passwords()
        self._files: Mapping[str, StaticFile] = static_files()
        values = {"site": offer, "static": lambda name: self._files[name].path, "new_once": new_once}
        self._templates = {ENGLISH: environment(offer.templates, now, zone, values)}
        for language, texts in offer.languages.items():
            self._templates[language] = environment(offer.templates, now, zone, values, language, texts)

    def static_routes(self) -> list[Route]:
        return static_routes(self._files)

    def reading(self, path: str, handler: Handler) -> Route:
        """A page that changes nothing."""

        async def read(request: Request) -> Response:
            async with wiring_of(request).store.snapshot() as session:
                signed_in = await self._signed_in(request, session)
                if signed_in is None:
                    return to_sign_in(request)
                answer = await handler(Visit(self, self.offer.members, request, session, signed_in))
            await self._touch(request, signed_in)
            return answer

        return PageRoute(path, self._guarded(path, read), ["GET"], self._problem)

    def changing(
        self,
        path: str,
        handler: Handler,
        again: Again | None = None,
        begins: Begins | None = None,
        before: Before | None = None,
    ) -> Route:
        """What a form of a page is sent to. `again` shows the form once more when what was sent is refused; `begins` begins
        another transaction than the usual one. `before` does what takes long, such as comparing a password, while no
        transaction is open, and what it returns is the visit's `prepared`."""

        async def change(request: Request) -> Response:
            demand_same_origin(request)
            form = await read_form(request)
            try:
                prepared = Preparation() if before is None else await self._prepared(request, form, before)
                async with (begins or writing)(request) as session:
                    visit = replace(await self._visit(request, session, form), prepared=prepared)
                    return await (act_once(visit, partial(handler, visit)) if begins is None else handler(visit))
            except Exception as error:
                problem = self._problem_of(error)
                is_earlier = isinstance(problem, Forbidden) and problem.rule == _EARLIER_FORM
                if again is None or problem is None or (isinstance(problem, _OF_VISITS) and not is_earlier):
                    raise
            async with wiring_of(request).store.snapshot() as session:
                return await again(await self._visit(request, session, form, is_earlier), problem)

        return Route(path, self._guarded(path, change), methods=["POST"])

    def open(self, path: str, endpoint: Endpoint, methods: Sequence[str]) -> Route:
        """A page for people who are not signed in."""
        return PageRoute(path, self._guarded(path, endpoint), methods, self._problem)

    def page(
        self, request: Request, template: str, signed_in: SignedIn | None = None, status: int = 200, **values: Any
    ) -> Response:
        is_operator = signed_in is not None and signed_in.principal.is_operator
        services = service_links(wiring_of(request).settings, self.offer.service) if is_operator else ()
        return self.page_in(ENGLISH, request, template, status, signed_in=signed_in, services=services, **values)

    def page_in(self, language: str, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        """A page in one of the languages of the site, for somebody who is not signed in unless `signed_in` says so."""
        known = {"signed_in": None, "services": (), "path": request.url.path} | values
        text = self._templates[language].get_template(template).render(known)
        return compress_page(request, HTMLResponse(text, status, headers={**PAGE_HEADERS, "Content-Language": language}))

    async def is_signed_in(self, request: Request) -> bool:
        """Whether the session of a request still lives, for an answer that takes long. Raises RetryLater."""
        async with wiring_of(request).store.reading() as session:
            return await self._sessions(request, session).find(self.cookie.token(request)) is not None

    async def _prepared(self, request: Request, form: SentForm, before: Before) -> Preparation:
        async with wiring_of(request).store.snapshot() as session:
            visit = await self._visit(request, session, form)
        return await before(visit)

    async def _visit(self, request: Request, session: AsyncSession, form: SentForm, only_shows: bool = False) -> Visit:
        """Raises Unauthorized when nobody is signed in, and Forbidden when the form is not from this session and is to do more
        than to be shown again."""
        signed_in = await self._signed_in(request, session)
        if signed_in is None:
            raise Unauthorized("session_over", "You are signed out.")
        if not only_shows and not KeyedHashes.is_same(form.get(FORM_FIELD), signed_in.form_token):
            raise Forbidden("form_token", "This form is from before you signed in. Look at what it says, and send it again.")
        return Visit(self, self.offer.members, request, session, signed_in, form)

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
        answer = self.page(request, "problem.html", request.scope.get(_SIGNED_IN), problem.status, problem=problem)
        answer.headers.update({name: value for name, value in problem.headers.items() if name == "Retry-After"})
        return answer

    async def _signed_in(self, request: Request, session: AsyncSession) -> SignedIn | None:
        found = await self._sessions(request, session).find(self.cookie.token(request))
        request.scope[_SIGNED_IN] = found
        if found is not None:
            request.scope[ACTING] = found.acting
        return found

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

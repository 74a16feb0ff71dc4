"""The pages of openings: the list, and one with its shortlist, which arrives and leaves live."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from starlette.routing import Route

from contracts.vocabulary import OpeningStatus
from makersync.clock import Clock
from makersync.feed.views import EntryView
from makersync.http.admission import PAGE_CHANGES
from makersync.http.pagination import PageRequest
from makersync.http.problems import ValidationProblem
from makersync.pages.events import Concerns, changes_route
from makersync.pages.site import Site
from makersync.pages.visit import Visit
from openings.adapters.opening_repository import OpeningFilter, OpeningRepository
from openings.entrypoints.access import READ, WRITE
from openings.entrypoints.opening_routes import OpeningPresenter
from openings.entrypoints.requirement_words import groups_in_words
from openings.entrypoints.score_chart import score_chart
from openings.entrypoints.shortlist_reading import shortlist_view

OPENINGS = "/openings"
ONE = OPENINGS + "/{opening_id}"
_A_PAGE = 50


def opening_pages(site: Site, clock: Clock) -> list[Route]:
    pages = OpeningPages(clock)
    return [
        site.reading(OPENINGS, pages.list),
        site.reading(ONE, pages.one),
        site.reading(ONE + "/shortlist", pages.shortlist),
        changes_route(site, PAGE_CHANGES, READ, _concerning_opening),
    ]


@dataclass(frozen=True, slots=True)
class OpeningPages:
    clock: Clock

    async def list(self, visit: Visit) -> Response:
        """Newest first, 50 on a page."""
        visit.demand(READ)
        query = visit.request.query_params
        status = _status(query.get("status", ""))
        page = PageRequest(_A_PAGE, query.get("after") or None, f"page {OPENINGS} {status} {visit.tenant}")
        found = await OpeningRepository(visit.session, visit.tenant).listed(OpeningFilter(status=status), page)
        shown = await OpeningPresenter(self.clock).page(visit.session, found)
        may_publish = visit.signed_in.principal.may(WRITE)
        return visit.page("openings.html", openings=shown, chosen=status, statuses=list(OpeningStatus), may_publish=may_publish)

    async def one(self, visit: Visit) -> Response:
        return visit.page("opening.html", **await self._shown(visit))

    async def shortlist(self, visit: Visit) -> Response:
        """The part of the page that changes by itself."""
        return visit.page("shortlist.html", **await self._shown(visit))

    async def _shown(self, visit: Visit) -> dict[str, Any]:
        visit.demand(READ)
        opening_id = str(visit.request.path_params["opening_id"])
        opening = await OpeningRepository(visit.session, visit.tenant).get(opening_id)
        shortlist = await shortlist_view(visit.session, opening, self.clock, has_withdrawn=True)
        return {
            "opening": await OpeningPresenter(self.clock).view(visit.session, opening),
            "asked": await groups_in_words(visit.session, opening.terms.groups),
            "shortlist": shortlist,
            "scores": {each.learner_id: score_chart(each) for each in shortlist.candidates},
            "said": visit.request.query_params.get("said", ""),
            "may_ask": visit.signed_in.principal.may(WRITE),
            "changes": f"{PAGE_CHANGES}?{urlencode({'opening': opening_id})}",
        }


def _status(text: str) -> OpeningStatus | None:
    if not text:
        return None
    try:
        return OpeningStatus(text)
    except ValueError as error:
        raise ValidationProblem.of("status", "enum", "must be a status that the list offers") from error


def _concerning_opening(request: Request) -> Concerns:
    wanted = request.query_params.get("opening", "")

    def concerns(entry: EntryView) -> bool:
        data = entry.data or {}
        return wanted in (entry.subject.partition("/")[0], data.get("opening_id"))

    return concerns

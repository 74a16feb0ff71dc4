"""The page on which operators see what operators decided, which belongs to no organisation."""

from fastapi import Response
from starlette.routing import Route

from makersync.http.exports import exported
from makersync.http.keys import OPERATOR
from makersync.http.pagination import PageRequest
from makersync.members.decisions import DECISIONS as TABLE
from makersync.members.decisions import decision_rows, listed_decisions
from makersync.pages.headers import PAGE_HEADERS
from makersync.pages.site import Site
from makersync.pages.visit import Visit

DECISIONS = "/activity/decisions"
_FILE = f"{DECISIONS}.csv"
_A_PAGE = 50


def decision_pages(site: Site) -> list[Route]:
    return [site.reading(DECISIONS, _show), site.reading(_FILE, _file)]


async def _show(visit: Visit) -> Response:
    """Newest first, 50 on a page."""
    visit.demand(OPERATOR)
    page = PageRequest(_A_PAGE, visit.request.query_params.get("after") or None, f"page {DECISIONS}")
    return visit.page("decisions.html", decisions=await listed_decisions(visit.session, page), file=_FILE)


async def _file(visit: Visit) -> Response:
    visit.demand(OPERATOR)
    answer = await exported(TABLE, decision_rows(visit.session), "csv")
    answer.headers.update(PAGE_HEADERS)
    return answer

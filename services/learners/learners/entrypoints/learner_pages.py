"""The pages of learners: the list, and one learner."""

from dataclasses import dataclass

from fastapi import Response
from starlette.routing import Route

from learners.adapters.learner_repository import LearnerFilter, list_learners
from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.entrypoints.learner_views import personal_view
from learners.entrypoints.routing import READ
from makersync.http.pagination import PageRequest
from makersync.pages.site import Site
from makersync.pages.visit import Visit

LEARNERS = "/learners"
_A_PAGE = 50


def learner_pages(site: Site, units_of_work: LearnersUnitsOfWork) -> list[Route]:
    pages = LearnerPages(units_of_work)
    return [site.reading(LEARNERS, pages.list)]


@dataclass(frozen=True, slots=True)
class LearnerPages:
    units_of_work: LearnersUnitsOfWork

    async def list(self, visit: Visit) -> Response:
        """In the order in which they were registered, 50 on a page."""
        visit.demand(READ)
        cursor = visit.request.query_params.get("after") or None
        page = PageRequest(_A_PAGE, cursor, f"page {LEARNERS} {visit.tenant}")
        found = await list_learners(visit.session, visit.tenant, LearnerFilter(), page)
        today = self.units_of_work.clock.today()
        shown = found.map(lambda one: personal_view(one.learner, one.person, today))
        return visit.page("learners.html", learners=shown)

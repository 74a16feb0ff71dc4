"""Name and contact of a learner in a browser, for the employer whose introduction was accepted. Nobody signs in here: the token
in the address is the right."""

from dataclasses import dataclass

from fastapi import Request, Response
from starlette.routing import Route

from learners.adapters.unit_of_work import SERVICE, LearnersUnitsOfWork
from learners.application.contacting import read_contact
from learners.domain.errors import Absent
from learners.entrypoints.contact_counting import counting_readings
from learners.entrypoints.introduction_views import ContactView, JobView
from makersync.http.misses import miss_limit_of
from makersync.http.wiring import writing
from makersync.pages.forms import demand_same_origin
from makersync.pages.site import Site

ONE = "/contacts/{introduction_id}/{token}"


def contact_pages(site: Site, units_of_work: LearnersUnitsOfWork) -> list[Route]:
    pages = _ContactPages(site, units_of_work)
    return [site.open(ONE, pages.contact, ["GET", "POST"])]


@dataclass(frozen=True, slots=True)
class _ContactPages:
    site: Site
    units_of_work: LearnersUnitsOfWork

    async def contact(self, request: Request) -> Response:
        """Opening the link reads nothing and is not recorded; the button on it is. Whoever presses it before this service has
        heard of the permission may press it again."""
        if request.method != "POST":
            return self.site.page(request, "contact.html", contact=None, is_unknown=False)
        demand_same_origin(request)
        try:
            return await self._read(request)
        except Absent:
            return self.site.page(request, "contact.html", status=404, contact=None, is_unknown=True)

    async def _read(self, request: Request) -> Response:
        ids = str(request.path_params["introduction_id"]), str(request.path_params["token"])
        with miss_limit_of(request).counting(request, Absent):
            async with writing(request) as session:
                uow = self.units_of_work.at(session, SERVICE)
                introduction, person = await read_contact(uow, *ids, counting_readings(request))
        shown, job = ContactView.of(introduction, person), JobView.of(introduction.request.job)
        return self.site.page(request, "contact.html", contact=shown, job=job)

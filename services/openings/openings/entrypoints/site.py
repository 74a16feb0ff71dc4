"""The pages of an employer's people."""

from fastapi import APIRouter
from starlette.responses import RedirectResponse

from makersync.http.keys import OPERATOR
from makersync.http.problems import Problem
from makersync.http.routing import CheckedRoute
from makersync.pages.demo_entrance import demo_routes
from makersync.pages.integrations import INTEGRATIONS, integration_links, integration_pages
from makersync.pages.member_pages import member_pages
from makersync.pages.notice_access import NOTICES
from makersync.pages.operator_links import OPERATIONS
from makersync.pages.organisations import ORGANISATIONS, organisation_pages
from makersync.pages.redirects import see_other
from makersync.pages.site import NavigationLink, Site, SiteOffer
from makersync.pages.visit import Visit
from makersync.settings import Settings
from openings.adapters.unit_of_work import OpeningsUnitsOfWork
from openings.domain.errors import Refused
from openings.entrypoints.access import READ
from openings.entrypoints.builder_pages import builder_pages
from openings.entrypoints.integrations_offer import INTEGRATIONS_OFFER
from openings.entrypoints.introduction_pages import INTRODUCTIONS, introduction_pages
from openings.entrypoints.members_offer import MEMBERS
from openings.entrypoints.opening_pages import OPENINGS, opening_pages
from openings.entrypoints.organisations_offer import employers_offer
from openings.entrypoints.routing import problem_of


def _refusal(error: Exception) -> Problem | None:
    return problem_of(error) if isinstance(error, Refused) else None


SITE = SiteOffer(
    service="openings",
    title="Makersync for employers",
    members=MEMBERS,
    navigation=(
        NavigationLink(OPENINGS, "Openings", READ),
        NavigationLink(INTRODUCTIONS, "Introductions", READ),
        NavigationLink(NOTICES, "Notices", READ),
        NavigationLink(INTEGRATIONS, "Integrations", READ),
        NavigationLink(ORGANISATIONS, "Employers", OPERATOR),
    ),
    integrations=integration_links(READ),
    templates="openings.entrypoints",
    refusals=_refusal,
)


def page_routes(units_of_work: OpeningsUnitsOfWork, settings: Settings) -> APIRouter:
    clock = units_of_work.clock
    site = Site(SITE, clock.now, settings.zone)
    router = APIRouter(route_class=CheckedRoute)
    router.routes.extend([site.reading("/", _home), *site.static_routes(), *member_pages(site)])
    router.routes.extend([*demo_routes(site, settings), *builder_pages(site, units_of_work)])
    router.routes.extend([*opening_pages(site, units_of_work), *introduction_pages(site, units_of_work)])
    router.routes.extend(organisation_pages(site, employers_offer(units_of_work)))
    router.routes.extend(integration_pages(site, INTEGRATIONS_OFFER))
    return router


async def _home(visit: Visit) -> RedirectResponse:
    return see_other(OPERATIONS if visit.is_operator else OPENINGS)

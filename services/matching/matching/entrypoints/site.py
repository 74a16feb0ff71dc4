"""The pages of operators at the matching service, which has no others."""

from fastapi import APIRouter
from starlette.responses import RedirectResponse

from makersync.clock import Clock
from makersync.http.keys import OPERATOR
from makersync.http.routing import CheckedRoute
from makersync.members.offer import OPERATORS_ALONE
from makersync.pages.demo_entrance import demo_routes
from makersync.pages.member_pages import member_pages
from makersync.pages.operator_links import OPERATIONS
from makersync.pages.redirects import see_other
from makersync.pages.site import NavigationLink, Site, SiteOffer
from makersync.pages.visit import Visit
from makersync.settings import Settings
from matching.entrypoints.market_pages import MARKETS, market_pages
from matching.entrypoints.pair_pages import PAIRS, pair_pages
from matching.entrypoints.policy_pages import POLICY, policy_pages, rules_problem

SITE = SiteOffer(
    service="matching",
    title="Makersync matching",
    members=OPERATORS_ALONE,
    navigation=(
        NavigationLink(MARKETS, "Markets", OPERATOR),
        NavigationLink(PAIRS, "Explain a match", OPERATOR),
        NavigationLink(POLICY, "Policy", OPERATOR),
    ),
    templates="matching.entrypoints",
    refusals=rules_problem,
)


def page_routes(clock: Clock, settings: Settings) -> APIRouter:
    site = Site(SITE, clock.now, settings.zone)
    router = APIRouter(route_class=CheckedRoute)
    router.routes.extend([site.reading("/", _home), *site.static_routes(), *member_pages(site)])
    router.routes.extend([*demo_routes(site, settings), *market_pages(site, clock)])
    router.routes.extend([*pair_pages(site, clock, settings.keep_past_days), *policy_pages(site, clock)])
    return router


async def _home(_visit: Visit) -> RedirectResponse:
    return see_other(OPERATIONS)

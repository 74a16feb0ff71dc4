"""The pages of operators that every service has, and the routes that let operators in."""

from collections.abc import Sequence

from fastapi import APIRouter

from makersync.clock import Clock
from makersync.http.routing import CheckedRoute
from makersync.members.operator_routes import operator_member_routes
from makersync.pages.site import Site, SiteOffer
from makersync.runtime.operating.dead_letter_decision_pages import dead_letter_decision_pages
from makersync.runtime.operating.dead_letter_pages import dead_letter_pages
from makersync.runtime.operating.now_pages import now_pages
from makersync.settings import Settings


def operator_routers(offer: SiteOffer, clock: Clock, settings: Settings) -> Sequence[APIRouter]:
    """Whoever serves them calls `keep_process_state` before."""
    site = Site(offer, clock.now, settings.zone)
    router = APIRouter(route_class=CheckedRoute)
    router.routes.extend([*now_pages(site), *dead_letter_decision_pages(site), *dead_letter_pages(site)])
    return operator_member_routes(offer.members), router

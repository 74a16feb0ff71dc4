"""The pages of markets: each region with what is in it."""

from dataclasses import dataclass

from fastapi import Response
from starlette.routing import Route

from makersync.clock import Clock
from makersync.http.keys import OPERATOR
from makersync.pages.site import Site
from makersync.pages.visit import Visit
from matching.adapters.partition_standing import market_day
from matching.adapters.region_repository import region_counts
from matching.entrypoints.region_routes import region_view

MARKETS = "/markets"


def market_pages(site: Site, clock: Clock) -> list[Route]:
    pages = MarketPages(clock)
    return [site.reading(MARKETS, pages.list)]


@dataclass(frozen=True, slots=True)
class MarketPages:
    clock: Clock

    async def list(self, visit: Visit) -> Response:
        """The largest first, by what matching has to do for them: learners, then openings."""
        visit.demand(OPERATOR)
        markets = [region_view(each) for each in await region_counts(visit.session)]
        markets.sort(key=lambda each: (-each.learners, -each.openings, each.region))
        return visit.page("markets.html", markets=markets, day=await market_day(visit.session, self.clock))

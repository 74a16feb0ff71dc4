"""All pages about members that every service has: signing in, one's account, and the administration of an organisation."""

from starlette.routing import Route

from makersync.pages.account import account_routes
from makersync.pages.activity import activity_pages
from makersync.pages.addresses import address_routes
from makersync.pages.decisions import decision_pages
from makersync.pages.entering import entering_routes
from makersync.pages.member_administration import member_administration
from makersync.pages.provider_account import provider_account_routes
from makersync.pages.provider_entering import provider_routes
from makersync.pages.recovering import recovering_routes
from makersync.pages.second_step import second_step_routes
from makersync.pages.site import Site


def member_pages(site: Site) -> list[Route]:
    own = [*account_routes(site), *address_routes(site), *second_step_routes(site), *provider_account_routes(site)]
    ways_in = [*entering_routes(site), *provider_routes(site), *recovering_routes(site)]
    return [*ways_in, *own, *member_administration(site), *activity_pages(site), *decision_pages(site)]

"""Everything about members that a service has on its pages."""

from starlette.routing import Route

from makersync.pages.account import account_routes
from makersync.pages.entering import entering_routes
from makersync.pages.second_step import second_step_routes
from makersync.pages.site import Site


def member_pages(site: Site) -> list[Route]:
    return [*entering_routes(site), *account_routes(site), *second_step_routes(site)]

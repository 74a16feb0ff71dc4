"""The pages of an organisation's programs: the keys that they come with, and the addresses that they are told at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import RedirectResponse
from starlette.routing import Route

from makersync.http.key_rotation import MANAGE_KEYS
from makersync.pages.keys import KEYS, key_pages
from makersync.pages.site import NavigationLink, Site
from makersync.pages.visit import Visit

INTEGRATIONS = "/integrations"


@dataclass(frozen=True, slots=True)
class IntegrationsOffer:
    """`scopes` are those that keys of the service may have, with what each allows in words."""

    scopes: Mapping[str, str]


def integration_links() -> Sequence[NavigationLink]:
    """The tabs of these pages, each with the scope that its page demands."""
    return (NavigationLink(KEYS, "API keys", MANAGE_KEYS),)


def integration_pages(site: Site, offer: IntegrationsOffer) -> list[Route]:
    return [site.reading(INTEGRATIONS, _home), *key_pages(site, offer.scopes)]


async def _home(_visit: Visit) -> RedirectResponse:
    return RedirectResponse(KEYS, 303)

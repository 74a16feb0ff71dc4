"""Which pages a service has, read off its routes, so that no test of all pages forgets a new one. Those of whoever is not quite
signed in are in `visitors`."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Route

from makersync.http.admission import PAGE_CHANGES
from makersync.http.openapi.page import ADDRESS as API_DOCUMENT
from tests.visiting.accessibility import barriers

if TYPE_CHECKING:
    from playwright.async_api import Page

#: Addresses of a service's pages, by the path of the route that answers them.
EveryPage = Mapping[str, Sequence[str]]
#: Files, the pages that mails lead to (the kit tests those), what leads to an OpenID provider and back,
#: the stream of changes, and the API's document in Swagger UI.
_FILES = ("/static/", "/files/", "/activity.csv", "/activity/decisions.csv")
_NO_PAGES = (*_FILES, "/mail/", "/sign-in/oidc/", PAGE_CHANGES, API_DOCUMENT, "/openapi.json")
#: The width of US letter paper without the margins of pages.css, in CSS pixels.
_PAPER = 702
#: Those that every service has and that need nothing.
OF_ALL_SERVICES: EveryPage = {
    each: [each] for each in ("/", "/sign-in", "/account", "/account/second-step", "/members", "/activity")
}


def page_routes_of(app: FastAPI) -> set[str]:
    """The paths of the routes that answer a browser with a page."""
    routes = [each for each in app.routes if isinstance(each, Route) and not isinstance(each, APIRoute)]
    return {each.path for each in routes if "GET" in (each.methods or ()) and not each.path.startswith(_NO_PAGES)}


def addresses_of(every_page: EveryPage) -> list[str]:
    return [address for each in every_page.values() for address in each]


async def carry_over(cookies: Mapping[str, str], page: "Page", address: str) -> None:
    """Signs Chromium in with the cookies of a browser without JavaScript, instead of whoever it was."""
    await page.context.clear_cookies()
    whose = address.replace("http://", "https://")
    await page.context.add_cookies([{"name": name, "value": value, "url": whose} for name, value in cookies.items()])


async def demand_fits(page: "Page", every_page: EveryPage, widths: Sequence[int]) -> None:
    """Nothing has to be moved sideways to be read, whatever its words, nor is it cut on paper."""
    for address in addresses_of(every_page):
        if not await _shows_page(page, address):
            continue
        for width in widths:
            await page.set_viewport_size({"width": width, "height": 800})
            assert await page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)
        await _demand_prints(page, address)


async def demand_no_barriers(page: "Page", every_page: EveryPage, scheme: str) -> None:
    """axe-core finds nothing on any page, which is shown in the light or the dark scheme."""
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    found = {address: await barriers(page) for address in addresses_of(every_page) if await _shows_page(page, address)}
    hindered = {address: each for address, each in found.items() if each}
    assert hindered == {}, hindered


async def _demand_prints(page: "Page", address: str) -> None:
    """Nothing is too wide for paper, and nothing is printed that can only be clicked."""
    await page.emulate_media(media="print")
    await page.set_viewport_size({"width": _PAPER, "height": 800})
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width <= _PAPER, f"{address} is {width} wide on paper"
    assert await page.locator("nav:visible, form:visible, button:visible").count() == 0, f"{address} on paper"
    await page.emulate_media(media="screen")


async def _shows_page(page: "Page", address: str) -> bool:
    """Whether the address has a whole page, and not a part that another page loads."""
    answer = await page.goto(address)
    return answer is not None and "<html" in await answer.text()

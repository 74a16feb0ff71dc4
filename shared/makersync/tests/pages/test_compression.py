"""What is compressed, and for whom."""

import gzip
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from makersync.pages.compression import compress_page
from makersync.pages.static_files import static_files, static_routes

PAGE = "<p>ten openings</p>" * 100
OWN = {"Sec-Fetch-Site": "same-origin", "Accept-Encoding": "gzip"}


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.router.routes.extend(static_routes(static_files()))

    async def page(request: Request) -> Response:
        return compress_page(request, HTMLResponse(PAGE if request.url.path == "/long" else "short"))

    app.router.add_route("/long", page)
    app.router.add_route("/short", page)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://pages.example") as http:
        yield http


async def encoding(http: httpx.AsyncClient, path: str, **headers: str) -> str | None:
    """Each answer reads the same, however it was sent."""
    answer = await http.get(path, headers=OWN | {name.replace("_", "-"): value for name, value in headers.items()})
    assert answer.text in (PAGE, "short")
    found: str | None = answer.headers.get("content-encoding")
    return found


@pytest.mark.parametrize("site", ["same-origin", "none"])
async def test_a_page_is_compressed_for_its_own_site_and_for_whoever_types_its_address(
    http: httpx.AsyncClient, site: str
) -> None:
    assert await encoding(http, "/long", Sec_Fetch_Site=site) == "gzip"


@pytest.mark.parametrize("site", ["cross-site", "same-site", ""])
async def test_a_page_that_another_site_asks_for_is_as_long_as_it_is(http: httpx.AsyncClient, site: str) -> None:
    """Guards: the token of a form, which lengths of compressed answers would give away."""
    assert await encoding(http, "/long", Sec_Fetch_Site=site) is None


@pytest.mark.parametrize("takes", ["identity", "br, gzip;q=0", "x-gzip"])
async def test_a_browser_that_takes_none_gets_none(http: httpx.AsyncClient, takes: str) -> None:
    assert await encoding(http, "/long", Accept_Encoding=takes) is None


async def test_a_short_page_is_left_alone(http: httpx.AsyncClient) -> None:
    assert await encoding(http, "/short") is None


async def test_files_are_compressed_once_for_everybody_who_takes_it(http: httpx.AsyncClient) -> None:
    for file in static_files().values():
        answer = await http.get(file.path, headers={"Accept-Encoding": "br;q=1.0, gzip;q=0.8"})
        assert (answer.headers["content-encoding"], answer.headers["vary"]) == ("gzip", "Accept-Encoding")
        assert answer.content == file.content == gzip.decompress(file.compressed)
        assert (await http.get(file.path, headers={"Accept-Encoding": "identity"})).content == file.content

"""How many requests are worked on at once, and which are counted apart since they only wait."""

import httpx
import pytest
from starlette.responses import PlainTextResponse

from makersync.http.admission import PAGE_CHANGES, STREAM, Admission


async def status(path: str, most: int, most_waiting: int) -> int:
    bounded = Admission(PlainTextResponse("done"), most, most_waiting)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(bounded), base_url="http://test") as http:
        return (await http.get(path)).status_code


@pytest.mark.parametrize("path", [STREAM, PAGE_CHANGES, "/v1/feed?wait=5", "/v1/openings/preview?wait=5"])
async def test_what_waits_for_news_takes_no_place_of_what_is_worked_on(path: str) -> None:
    assert await status(path, most=0, most_waiting=1) == 200
    assert await status(path, most=1, most_waiting=0) == 503


@pytest.mark.parametrize("path", ["/v1/openings", "/sign-in?wait=5", "/v1/openings?title=wait=5"])
async def test_nobody_chooses_how_a_request_is_counted_by_a_word_in_its_query(path: str) -> None:
    assert await status(path, most=1, most_waiting=0) == 200
    assert await status(path, most=0, most_waiting=1) == 503

"""Lists of openings: filters and pages."""

from typing import Any

import pytest

from makersync.clock import ManualClock

from .conftest import NOW, Caller
from .samples import CHICAGO, wanted

pytestmark = pytest.mark.usefixtures("catalog")


async def titles(acme: Caller, **parameters: Any) -> list[str]:
    answer = await acme.get("/v1/openings", **parameters)
    assert answer.status_code == 200, answer.text
    return [opening["title"] for opening in answer.json()["items"]]


async def test_openings_are_found_by_status_region_and_occupation(acme: Caller) -> None:
    await acme.post("/v1/openings", wanted(title="york", occupation="51-4041.00"))
    await acme.post("/v1/openings", wanted(title="chicago", zip=CHICAGO, occupation="51-4121.00"))
    await acme.post("/v1/openings", wanted(title="remote", zip=None, remote=True, filled=3))
    assert await titles(acme, status="filled") == ["remote"]
    assert await titles(acme, region="49620") == ["york"]
    assert await titles(acme, region="remote") == ["remote"]
    assert await titles(acme, occupation="51-4041") == ["york"]
    assert await titles(acme, occupation="51-4121.00") == ["chicago"]
    assert await titles(acme, status="open", region="remote") == []


async def test_every_opening_is_on_exactly_one_page_newest_first(acme: Caller, clock: ManualClock) -> None:
    for number in range(5):
        clock.move_to(NOW.replace(minute=number))
        await acme.post("/v1/openings", wanted(title=str(number)))
    seen, cursor = [], None
    while True:
        page = (await acme.get("/v1/openings", limit=2, **({"cursor": cursor} if cursor else {}))).json()
        seen += [opening["title"] for opening in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == ["4", "3", "2", "1", "0"]


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"status": "expired"}, 422),
        ({"region": "York"}, 422),
        ({"occupation": "51"}, 422),
        ({"limit": 0}, 422),
        ({"limit": 201}, 422),
        ({"cursor": "nonsense"}, 400),
        ({"colour": "red"}, 422),
    ],
)
async def test_a_bad_filter_is_refused(acme: Caller, parameters: dict[str, Any], status: int) -> None:
    assert (await acme.get("/v1/openings", **parameters)).status_code == status

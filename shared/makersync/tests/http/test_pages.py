"""Lists come in pages that inserted and deleted rows do not shift."""

import base64
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from makersync.clock import ManualClock
from makersync.http.pagination import encode_cursor
from makersync.store.database import Store

from .conftest import NOW, opened_store

Headers = dict[str, str]


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    async with opened_store(database_url) as store:
        yield store


async def publish(client: httpx.AsyncClient, headers: Headers, *titles: str) -> None:
    for title in titles:
        assert (await client.post("/v1/notices", json={"title": title}, headers=headers)).status_code == 201


async def titles_of_all_pages(client: httpx.AsyncClient, headers: Headers, **filters: str | int) -> list[list[str]]:
    pages, cursor = [], None
    while True:
        query = filters | ({} if cursor is None else {"cursor": cursor})
        answer = await client.get("/v1/notices", params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        pages.append([item["title"] for item in answer.json()["items"]])
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            return pages


async def test_pages_hold_every_row_once_newest_first(client: httpx.AsyncClient, acme: Headers, clock: ManualClock) -> None:
    for number in range(5):
        clock.move_to(NOW + timedelta(seconds=number))
        await publish(client, acme, f"n{number}")
    assert await titles_of_all_pages(client, acme, limit=2) == [["n4", "n3"], ["n2", "n1"], ["n0"]]


async def test_rows_with_the_same_instant_have_a_fixed_order(client: httpx.AsyncClient, acme: Headers) -> None:
    await publish(client, acme, *(f"n{number}" for number in range(7)))
    pages = await titles_of_all_pages(client, acme, limit=3)
    assert [len(page) for page in pages] == [3, 3, 1]
    assert sorted(title for page in pages for title in page) == [f"n{number}" for number in range(7)]


async def test_full_last_page_ends_the_list(client: httpx.AsyncClient, acme: Headers) -> None:
    await publish(client, acme, "a", "b")
    assert len(await titles_of_all_pages(client, acme, limit=2)) == 1


async def test_new_rows_do_not_shift_the_next_page(client: httpx.AsyncClient, acme: Headers, clock: ManualClock) -> None:
    await publish(client, acme, "first")
    clock.move_to(NOW + timedelta(seconds=1))
    await publish(client, acme, "second")
    first = (await client.get("/v1/notices", params={"limit": 1}, headers=acme)).json()
    clock.move_to(NOW + timedelta(seconds=2))
    await publish(client, acme, "third")
    cursor = first["next_cursor"]
    second = (await client.get("/v1/notices", params={"limit": 1, "cursor": cursor}, headers=acme)).json()
    assert [item["title"] for item in second["items"]] == ["first"]


async def test_filters_narrow_the_list(client: httpx.AsyncClient, acme: Headers, bolt: Headers) -> None:
    await publish(client, acme, "welder", "fitter")
    await publish(client, bolt, "welder")
    assert await titles_of_all_pages(client, acme, title="welder") == [["welder"]]


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "%%%",
        "ä",
        "abc",
        "",
        encoded({}),
        encoded([]),
        encoded(["2026-03-02T09:00:00+00:00"]),
        encoded(["2026-03-02T09:00:00", "id"]),
        encoded(["yesterday", "id"]),
        encoded([1, "id"]),
        encoded(["2026-03-02T09:00:00+00:00", None]),
        encoded(["2026-03-02T09:00:00+00:00", "a\0"]),
        encoded(["0001-01-01T00:00:00+14:00", "id"]),
    ],
)
async def test_malformed_cursor_is_named(client: httpx.AsyncClient, acme: Headers, cursor: str) -> None:
    answer = await client.get("/v1/notices", params={"cursor": cursor}, headers=acme)
    assert answer.status_code == 400
    assert answer.json()["errors"] == [
        {
            "field": "cursor",
            "rule": "cursor",
            "detail": "must be the next_cursor of a page of this list, asked for with the same filters",
        }
    ]


async def test_a_cursor_is_valid_for_one_list_with_its_filters_and_reader(
    client: httpx.AsyncClient, acme: Headers, bolt: Headers, clock: ManualClock
) -> None:
    """Guards: another list's position would be accepted here, and the wrong rows would be returned."""
    for headers in (acme, bolt):
        await publish(client, headers, "welder", "welder", "fitter")
    page = await client.get("/v1/notices", params={"limit": 1, "title": "welder"}, headers=acme)
    cursor = page.json()["next_cursor"]
    same = await client.get("/v1/notices", params={"limit": 2, "title": "welder", "cursor": cursor}, headers=acme)
    assert same.status_code == 200
    for query, headers in (({"title": "welder"}, bolt), ({}, acme), ({"title": "fitter"}, acme)):
        other = await client.get("/v1/notices", params=query | {"cursor": cursor}, headers=headers)
        assert (other.status_code, other.json()["errors"][0]["field"]) == (400, "cursor")


@pytest.mark.parametrize("limit", ["0", "201", "-1", "many"])
async def test_limit_out_of_bounds_is_refused(client: httpx.AsyncClient, acme: Headers, limit: str) -> None:
    answer = await client.get("/v1/notices", params={"limit": limit}, headers=acme)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "limit"


def test_cursor_needs_no_escaping() -> None:
    assert set(encode_cursor("a" * 16, [NOW, "ÿ?>~", 2**62])) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
    )

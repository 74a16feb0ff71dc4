"""Changes require the version that they change."""

import httpx
import pytest

from makersync.http.problems import MalformedRequest, StaleVersion
from makersync.http.versions import parse_if_match

Headers = dict[str, str]


@pytest.fixture
async def address(client: httpx.AsyncClient, acme: Headers) -> str:
    answer = await client.post("/v1/notices", json={"title": "welder"}, headers=acme)
    return answer.headers["Location"]


async def change(client: httpx.AsyncClient, address: str, headers: Headers) -> httpx.Response:
    return await client.put(address, json={"title": "fitter"}, headers=headers)


@pytest.mark.parametrize("tag", ['"1"', "*", '"7", "1"'])
async def test_current_version_is_changed(client: httpx.AsyncClient, acme: Headers, address: str, tag: str) -> None:
    answer = await change(client, address, acme | {"If-Match": tag})
    assert answer.status_code == 200
    assert answer.headers["ETag"] == '"2"'
    assert answer.json()["title"] == "fitter"


async def test_second_change_of_the_same_version_is_refused(client: httpx.AsyncClient, acme: Headers, address: str) -> None:
    await change(client, address, acme | {"If-Match": '"1"'})
    answer = await change(client, address, acme | {"If-Match": '"1"'})
    assert answer.status_code == 412
    assert answer.json()["type"] == "urn:makersync:problem:stale-version"
    assert answer.json()["rule"] == "version_outdated"
    assert answer.headers["ETag"] == '"2"'


async def test_change_without_a_version_is_refused(client: httpx.AsyncClient, acme: Headers, address: str) -> None:
    answer = await change(client, address, acme)
    assert answer.status_code == 428
    assert answer.json()["type"] == "urn:makersync:problem:version-required"
    assert answer.json()["rule"] == "version_required"


@pytest.mark.parametrize("tag", ["1", '"1', "", '"1" "2"', '"' * 2000])
async def test_malformed_version_is_refused(client: httpx.AsyncClient, acme: Headers, address: str, tag: str) -> None:
    answer = await change(client, address, acme | {"If-Match": tag})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "If-Match"


def test_weak_tag_never_matches() -> None:
    with pytest.raises(StaleVersion):
        parse_if_match('W/"1"').demand(1)


def test_a_hostile_tag_list_is_parsed_quickly() -> None:
    with pytest.raises(MalformedRequest):
        parse_if_match('"a",' * 249 + "x")

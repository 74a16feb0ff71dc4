"""Reads that are repeated: an answer that the caller has already is not sent again."""

import httpx

from .test_pages import Headers, publish


async def test_an_unchanged_answer_comes_without_its_body(client: httpx.AsyncClient, acme: Headers) -> None:
    await publish(client, acme, "one")
    first = await client.get("/v1/notices", headers=acme)
    tag = first.headers["ETag"]
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = await client.get("/v1/notices", headers=acme | {"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
        assert again.headers["Cache-Control"] == "no-store"

    await publish(client, acme, "two")
    changed = await client.get("/v1/notices", headers=acme | {"If-None-Match": tag})
    assert (changed.status_code, len(changed.json()["items"])) == (200, 2)
    assert changed.headers["ETag"] != tag


async def test_a_tag_of_another_organisation_says_nothing_about_its_answers(
    client: httpx.AsyncClient, acme: Headers, bolt: Headers
) -> None:
    await publish(client, acme, "one")
    tag = (await client.get("/v1/notices", headers=acme)).headers["ETag"]
    assert (await client.get("/v1/notices", headers=bolt | {"If-None-Match": tag})).json()["items"] == []


async def test_what_has_a_version_is_always_sent_whole(client: httpx.AsyncClient, acme: Headers) -> None:
    """Guards: what else it says can change without a new version."""
    await publish(client, acme, "one")
    [notice] = (await client.get("/v1/notices", headers=acme)).json()["items"]
    for known in ('"1"', "*"):
        answer = await client.get(f"/v1/notices/{notice['id']}", headers=acme | {"If-None-Match": known})
        assert (answer.status_code, answer.headers["ETag"], answer.json()) == (200, '"1"', notice)


async def test_a_refusal_is_no_answer_to_be_remembered(client: httpx.AsyncClient, acme: Headers) -> None:
    assert "ETag" not in (await client.get("/v1/notices", headers=acme, params={"limit": 0})).headers
    assert (await client.get("/v1/notices", headers={"If-None-Match": "*"})).status_code == 401

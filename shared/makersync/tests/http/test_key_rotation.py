"""Rotation: once per key, never beyond the replaced key's rights and life, audited, and revocable with its predecessor."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlmodel import select

from makersync.clock import ManualClock
from makersync.http.key_rotation import MANAGE_KEYS
from makersync.http.key_succession import MOST_LIVE, SHOWN_AFTER_END, forget_ended
from makersync.http.keys import ENDED_SHOWN
from makersync.store.database import Store
from makersync.store.tables import ApiKeyRow, AuditRow

from .conftest import NOW, Keys, bearer, opened_store
from .test_keys import key_id_of, refusal

Headers = dict[str, str]
DAY = timedelta(days=1)


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    async with opened_store(database_url) as store:
        yield store


async def rotate(client: httpx.AsyncClient, by: Headers, key_id: str, **wanted: Any) -> httpx.Response:
    return await client.post(f"/v1/keys/{key_id}/rotation", json=wanted, headers=by)


def end_of(answer: httpx.Response) -> Any:
    return answer.json()["key"]["expires_at"]


async def test_a_new_key_ends_when_the_old_one_would_have(client: httpx.AsyncClient, keys: Keys, clock: ManualClock) -> None:
    """Guards: a key of ten days could otherwise be extended forever, ten days at a time."""
    old = bearer(await keys.token("acme", ["notices:read"], expires_at=NOW + 10 * DAY))
    clock.move_to(NOW + 9 * DAY)
    answer = await rotate(client, old, key_id_of(old), grace_seconds=60)
    assert (answer.status_code, end_of(answer)) == (201, "2026-03-12T09:00:00Z")
    assert answer.json()["key"]["replaces"] == key_id_of(old)
    clock.move_to(NOW + 10 * DAY)
    assert (await client.get("/v1/notices", headers=bearer(answer.json()["token"]))).status_code == 401


async def test_a_key_is_rotated_once(client: httpx.AsyncClient, acme: Headers, keys: Keys) -> None:
    """Guards: during its grace period a stolen key could otherwise be turned into any number of new ones."""
    old = await keys.headers("acme", ["notices:read"])
    first = await rotate(client, old, key_id_of(old))
    for by in (old, acme):
        again = await rotate(client, by, key_id_of(old))
        assert (again.status_code, again.json()["rule"]) == (409, "rotated_before")
        assert first.json()["key"]["id"] in again.json()["detail"]
    assert (await rotate(client, bearer(first.json()["token"]), first.json()["key"]["id"])).status_code == 201


async def test_rotations_sent_at_once_make_one_key(client: httpx.AsyncClient, bolt: Headers) -> None:
    answers = await asyncio.gather(*(rotate(client, bolt, key_id_of(bolt)) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409, 409]


async def test_a_repeated_rotation_makes_no_second_key_and_shows_no_token(
    client: httpx.AsyncClient, acme: Headers, bolt: Headers, store: Store
) -> None:
    headers = bolt | {"Idempotency-Key": "turn"}
    first = await rotate(client, headers, key_id_of(bolt))
    again = await rotate(client, headers, key_id_of(bolt))
    assert (first.status_code, again.status_code, again.headers["Idempotency-Replayed"]) == (201, 200, "true")
    assert (again.json()["key"], again.json()["token"]) == (first.json()["key"], None)
    async with store.reading() as session:
        assert len((await session.exec(select(ApiKeyRow).where(ApiKeyRow.organisation_id == "bolt"))).all()) == 2


async def test_a_repeated_issue_makes_no_second_key(client: httpx.AsyncClient, operator: Headers) -> None:
    headers, wanted = operator | {"Idempotency-Key": "k"}, {"name": "ci", "scopes": ["notices:read"]}
    first = await client.post("/v1/employers/acme/keys", json=wanted, headers=headers)
    again = await client.post("/v1/employers/acme/keys", json=wanted, headers=headers)
    assert (again.status_code, again.json()) == (200, first.json() | {"token": None})
    assert len((await client.get("/v1/employers/acme/keys", headers=operator)).json()["items"]) == 1


async def test_no_key_extends_its_own_life(client: httpx.AsyncClient, keys: Keys) -> None:
    old = bearer(await keys.token("acme", ["notices:read", MANAGE_KEYS], expires_at=NOW + 10 * DAY))
    longer = (NOW + 11 * DAY).isoformat()
    assert refusal(await rotate(client, old, key_id_of(old), expires_at=longer)) == (403, "outlasts_own_key")
    past = await rotate(client, old, key_id_of(old), expires_at=NOW.isoformat())
    assert refusal(past) == (422, "future")
    assert end_of(await rotate(client, old, key_id_of(old), expires_at=(NOW + DAY).isoformat())) == "2026-03-03T09:00:00Z"


async def test_a_manager_extends_another_keys_life_up_to_its_own(client: httpx.AsyncClient, keys: Keys) -> None:
    manager = bearer(await keys.token("acme", ["notices:read", MANAGE_KEYS], expires_at=NOW + 20 * DAY))
    other = bearer(await keys.token("acme", ["notices:read"], expires_at=NOW + 10 * DAY))
    beyond = await rotate(client, manager, key_id_of(other), expires_at=(NOW + 21 * DAY).isoformat())
    assert refusal(beyond) == (403, "outlasts_own_key")
    within = await rotate(client, manager, key_id_of(other), expires_at=(NOW + 20 * DAY).isoformat())
    assert end_of(within) == "2026-03-22T09:00:00Z"


async def test_a_manager_gets_no_token_that_outlasts_its_own(client: httpx.AsyncClient, keys: Keys) -> None:
    """Guards: a stolen key with a day left could turn another, permanent key into the thief's."""
    manager = bearer(await keys.token("acme", ["notices:read", MANAGE_KEYS], expires_at=NOW + DAY))
    endless, long = await keys.headers("acme", ["notices:read"]), await keys.token("acme", [], expires_at=NOW + 9 * DAY)
    for beyond in (endless, bearer(long)):
        assert refusal(await rotate(client, manager, key_id_of(beyond))) == (403, "outlasts_own_key")
    within = await rotate(client, manager, key_id_of(endless), expires_at=(NOW + DAY).isoformat())
    assert end_of(within) == "2026-03-03T09:00:00Z"


async def test_rotation_and_revocation_are_audited(client: httpx.AsyncClient, bolt: Headers, store: Store) -> None:
    new = (await rotate(client, bolt, key_id_of(bolt))).json()["key"]["id"]
    await client.delete(f"/v1/keys/{key_id_of(bolt)}", headers=bolt)
    async with store.reading() as session:
        rotated, revoked = (await session.exec(select(AuditRow).order_by("id"))).all()
    assert (rotated.action, rotated.actor, rotated.subject) == ("key_rotated", key_id_of(bolt), key_id_of(bolt))
    assert rotated.detail["new_key"] == new
    assert (revoked.action, revoked.subject) == ("key_revoked", key_id_of(bolt))


async def test_successors_of_a_key_are_revoked_with_it_on_request(
    client: httpx.AsyncClient, operator: Headers, keys: Keys
) -> None:
    """Guards: a thief rotates a stolen key before its owner notices."""
    chain = [await keys.headers("bolt", ["notices:read"])]
    for _ in range(3):
        answer = await rotate(client, chain[-1], key_id_of(chain[-1]))
        chain.append(bearer(answer.json()["token"]))
    other = await keys.headers("bolt", ["notices:read"])
    path = f"/v1/employers/bolt/keys/{key_id_of(chain[0])}"
    assert (await client.delete(path, headers=operator)).status_code == 204
    assert (await client.get("/v1/notices", headers=chain[1])).status_code == 200
    assert (await client.delete(path, params={"descendants": "true"}, headers=operator)).status_code == 204
    assert [(await client.get("/v1/notices", headers=each)).status_code for each in chain] == [401] * 4
    assert (await client.get("/v1/notices", headers=other)).status_code == 200


async def test_only_a_manager_ends_descendants(client: httpx.AsyncClient, bolt: Headers) -> None:
    await rotate(client, bolt, key_id_of(bolt))
    mine = f"/v1/keys/{key_id_of(bolt)}"
    assert (await client.delete(mine, params={"descendants": "true"}, headers=bolt)).status_code == 403
    assert (await client.delete(mine, headers=bolt)).status_code == 204


async def test_an_organisation_has_a_maximum_number_of_valid_keys(
    client: httpx.AsyncClient, operator: Headers, keys: Keys, acme: Headers
) -> None:
    for _ in range(MOST_LIVE - 1):
        await keys.token("acme", ["notices:read"])
    wanted = {"name": "ci", "scopes": ["notices:read"]}
    one_more = await client.post("/v1/employers/acme/keys", json=wanted, headers=operator)
    for refused in (one_more, await rotate(client, acme, key_id_of(acme))):
        assert (refused.status_code, refused.json()["rule"]) == (409, "too_many_keys")


async def test_a_list_shows_every_live_key_and_few_of_those_that_ended(
    client: httpx.AsyncClient, acme: Headers, store: Store, keys: Keys
) -> None:
    """Guards: rotating in a loop must not make the list endless."""
    async with store.transaction() as session:
        for number in range(ENDED_SHOWN + 5):
            later = NOW + timedelta(seconds=number)
            made = {"organisation_id": "acme", "name": "x", "scopes": [], "digest": f"{number}", "created_at": later}
            session.add(ApiKeyRow(id=f"{number:016x}", revoked_at=later, **made))
    shown = [key["id"] for key in (await client.get("/v1/keys", headers=acme)).json()["items"]]
    assert shown == [f"{number:016x}" for number in reversed(range(5, ENDED_SHOWN + 5))] + [key_id_of(acme)]


async def test_keys_that_ended_long_ago_are_deleted(store: Store, keys: Keys, clock: ManualClock) -> None:
    await keys.token("acme", ["notices:read"], expires_at=NOW + DAY)
    kept = await keys.headers("acme", ["notices:read"])
    clock.move_to(NOW + DAY + SHOWN_AFTER_END + DAY)
    async with store.transaction() as session:
        assert await forget_ended(session, clock) == 1
        assert list((await session.exec(select(ApiKeyRow.id))).all()) == [key_id_of(kept)]

"""Operators make, list, rotate and revoke their own keys; one lasting key always remains."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from makersync.clock import ManualClock
from makersync.http.keys import OPERATOR
from makersync.store.database import Store

from .conftest import NOW, Keys, bearer, opened_store
from .test_keys import key_id_of

Headers = dict[str, str]
PATH = "/v1/operator-keys"


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    async with opened_store(database_url) as store:
        yield store


async def make(client: httpx.AsyncClient, by: Headers, **wanted: str) -> Headers:
    answer = await client.post(PATH, json={"name": "night shift"} | wanted, headers=by)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    return bearer(answer.json()["token"])


async def revoke(client: httpx.AsyncClient, by: Headers, key: Headers, **query: str) -> int:
    return (await client.delete(f"{PATH}/{key_id_of(key)}", params=query, headers=by)).status_code


async def test_operators_make_list_and_revoke_their_keys(client: httpx.AsyncClient, operator: Headers) -> None:
    second = await make(client, operator)
    listed = (await client.get(PATH, headers=second)).json()["items"]
    assert {key["id"] for key in listed} == {key_id_of(operator), key_id_of(second)}
    assert await revoke(client, second, operator) == 204
    assert (await client.get(PATH, headers=operator)).status_code == 401


async def test_the_last_lasting_key_cannot_be_revoked(client: httpx.AsyncClient, operator: Headers, clock: ManualClock) -> None:
    """Guards: even if another key is valid for the rest of its grace period only, or would be revoked with it."""
    assert await revoke(client, operator, operator) == 409
    answer = await client.post(f"{PATH}/{key_id_of(operator)}/rotation", json={"grace_seconds": 600}, headers=operator)
    new = bearer(answer.json()["token"])
    assert await revoke(client, operator, new) == 409
    assert await revoke(client, new, operator, descendants="true") == 409
    assert await revoke(client, new, operator) == 204
    expiring = await make(client, new, expires_at="2026-03-03T09:00:00Z")
    clock.move_to(NOW.replace(day=4))
    assert await revoke(client, new, new) == 409
    assert await revoke(client, new, expiring) == 204


async def test_a_refused_revocation_of_the_last_key_names_its_rule(client: httpx.AsyncClient, operator: Headers) -> None:
    answer = await client.delete(f"{PATH}/{key_id_of(operator)}", headers=operator)
    assert (answer.status_code, answer.json()["rule"]) == (409, "last_operator_key")


async def test_two_operators_who_revoke_each_other_at_once_leave_one_key(client: httpx.AsyncClient, operator: Headers) -> None:
    for _ in range(5):
        second = await make(client, operator)
        statuses = await asyncio.gather(revoke(client, operator, second), revoke(client, second, operator))
        assert 204 in statuses
        survivors = [key for key in (operator, second) if (await client.get(PATH, headers=key)).status_code == 200]
        assert len(survivors) == 1
        operator = survivors[0]


async def test_only_operators_can_use_the_routes_of_operators_keys(
    client: httpx.AsyncClient, operator: Headers, acme: Headers, keys: Keys
) -> None:
    assert (await client.get(PATH, headers=acme)).status_code == 403
    assert (await client.post(PATH, json={"name": "x"}, headers=acme)).status_code == 403
    assert await revoke(client, acme, operator) == 403
    assert await revoke(client, operator, acme) == 404
    own = f"/v1/keys/{key_id_of(operator)}"
    assert (await client.delete(own, headers=operator)).status_code == 403
    assert (await client.get("/v1/keys", headers=operator)).status_code == 403
    assert (await client.get(PATH, headers=await keys.headers(None, [OPERATOR]))).status_code == 200

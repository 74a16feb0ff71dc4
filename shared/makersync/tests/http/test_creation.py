"""Creations can be repeated under a key, and are answered only after the commit."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import event
from sqlalchemy.orm import Session
from sqlmodel import select
from starlette.types import Message

from makersync.clock import ManualClock
from makersync.http.idempotency import purge
from makersync.store.database import DatabaseAway, Store
from makersync.store.tables import IdempotencyRow

from .conftest import NOW, opened_store
from .sample import NoticeRow

Headers = dict[str, str]


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    async with opened_store(database_url) as store:
        yield store


async def count(store: Store) -> int:
    async with store.reading() as session:
        return len((await session.exec(select(NoticeRow.id))).all())


async def test_a_creation_is_answered_with_address_and_version(client: httpx.AsyncClient, acme: Headers) -> None:
    answer = await client.post("/v1/notices", json={"title": "welder"}, headers=acme)
    assert answer.status_code == 201
    assert answer.headers["ETag"] == '"1"'
    assert (await client.get(answer.headers["Location"], headers=acme)).json() == answer.json()


async def test_repeated_key_replays_the_first_answer(client: httpx.AsyncClient, store: Store, acme: Headers) -> None:
    headers = acme | {"Idempotency-Key": '"order-1"'}
    first = await client.post("/v1/notices", json={"title": "welder"}, headers=headers)
    again = await client.post("/v1/notices", json={"title": "welder"}, headers=headers)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (again.status_code, again.content) == (first.status_code, first.content)
    for name in ("Location", "ETag", "Content-Type"):
        assert again.headers[name] == first.headers[name]
    assert await count(store) == 1


async def test_two_keys_are_refused(client: httpx.AsyncClient, store: Store, acme: Headers) -> None:
    headers = [*acme.items(), ("Idempotency-Key", "one"), ("Idempotency-Key", "two")]
    answer = await client.post("/v1/notices", json={"title": "welder"}, headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (400, "repeated_header")
    assert await count(store) == 0


async def test_repeated_key_with_another_body_is_refused(client: httpx.AsyncClient, store: Store, acme: Headers) -> None:
    headers = acme | {"Idempotency-Key": "order-1"}
    await client.post("/v1/notices", json={"title": "welder"}, headers=headers)
    other = await client.post("/v1/notices", json={"title": "fitter"}, headers=headers)
    assert other.status_code == 422
    assert other.json()["type"] == "urn:makersync:problem:idempotency-mismatch"
    assert other.json()["rule"] == "idempotency_key_reused"
    assert await count(store) == 1


async def test_the_same_key_of_another_caller_is_a_different_key(
    client: httpx.AsyncClient, store: Store, acme: Headers, bolt: Headers
) -> None:
    for caller in (acme, bolt):
        answer = await client.post("/v1/notices", json={"title": "welder"}, headers=caller | {"Idempotency-Key": "k"})
        assert "Idempotency-Replayed" not in answer.headers
    assert await count(store) == 2


async def test_simultaneous_requests_with_one_key_create_one_resource(
    client: httpx.AsyncClient, store: Store, acme: Headers
) -> None:
    headers = acme | {"Idempotency-Key": "order-1"}
    send = [client.post("/v1/notices", json={"title": "welder"}, headers=headers) for _ in range(8)]
    answers = await asyncio.gather(*send)
    assert {a.status_code for a in answers} == {201}
    assert len({a.content for a in answers}) == 1
    assert sum("Idempotency-Replayed" in a.headers for a in answers) == 7
    assert await count(store) == 1


async def test_refused_creation_leaves_its_key_unused(client: httpx.AsyncClient, acme: Headers, operator: Headers) -> None:
    headers = acme | {"Idempotency-Key": "order-1"}
    refused = await client.post("/v1/notices", json={"title": ""}, headers=headers)
    assert refused.status_code == 422
    assert (await client.post("/v1/notices", json={"title": "welder"}, headers=headers)).status_code == 201


@pytest.mark.parametrize("key", ["", "two words", '"open', "x" * 129])
async def test_malformed_key_is_refused(client: httpx.AsyncClient, acme: Headers, key: str) -> None:
    answer = await client.post("/v1/notices", json={"title": "welder"}, headers=acme | {"Idempotency-Key": key})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"


async def test_stored_responses_are_deleted_after_a_day(
    client: httpx.AsyncClient, store: Store, clock: ManualClock, acme: Headers
) -> None:
    await client.post("/v1/notices", json={"title": "old"}, headers=acme | {"Idempotency-Key": "old"})
    clock.move_to(NOW + timedelta(hours=12))
    await client.post("/v1/notices", json={"title": "new"}, headers=acme | {"Idempotency-Key": "new"})
    clock.move_to(NOW + timedelta(hours=25))
    async with store.transaction() as session:
        await purge(session, clock)
    async with store.reading() as session:
        assert list((await session.exec(select(IdempotencyRow.key))).all()) == ["new"]


async def test_a_response_is_sent_only_after_the_commit(app: FastAPI, store: Store, acme: Headers) -> None:
    """When the first byte of the response is sent, another connection already sees the row."""
    seen: list[int] = []

    async def watched(scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen.append(await count(store))
            await send(message)

        await app(scope, receive, sending)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(watched), base_url="http://sample") as client:
        assert (await client.post("/v1/notices", json={"title": "welder"}, headers=acme)).status_code == 201
    assert seen == [1]


async def test_failed_commit_is_answered_as_a_failure(client: httpx.AsyncClient, store: Store, acme: Headers) -> None:
    def refuse(_session: object) -> None:
        raise DatabaseAway("the disk is full at db.internal")

    event.listen(Session, "before_commit", refuse)
    try:
        answer = await client.post("/v1/notices", json={"title": "welder"}, headers=acme)
    finally:
        event.remove(Session, "before_commit", refuse)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "1"
    assert "db.internal" not in answer.text
    assert await count(store) == 0

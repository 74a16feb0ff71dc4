"""Invalid requests are answered with a problem that names the field and the rule, and never repeats the value."""

import gzip
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI, HTTPException

from makersync.clock import ManualClock
from makersync.effects.conditions import Condition, declare, lift
from makersync.http.answers import install
from makersync.http.application import create_app
from makersync.http.rule_names import PROBLEM_RULES
from makersync.http.wiring import Wiring
from makersync.store.database import DatabaseAway, Store

from .sample import router

Headers = dict[str, str]
SECRET = "sensitive-value-4711"


def assert_problem(answer: httpx.Response, status: int, name: str, rule: str | None = None) -> None:
    """`rule` is needed where the problem can have several, or none of its own."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    document = answer.json()
    assert document["type"] == f"urn:makersync:problem:{name}"
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    assert document["rule"] in ([rule] if rule else PROBLEM_RULES.get(name) or [document["errors"][0]["rule"]])


async def test_broken_rule_is_named_by_its_path(client: httpx.AsyncClient, acme: Headers) -> None:
    body = {"title": "welder", "groups": [{"any_of": [{"level": 3}, {"level": 9}]}]}
    answer = await client.post("/v1/notices", json=body, headers=acme)
    assert_problem(answer, 422, "invalid-request")
    [error] = answer.json()["errors"]
    assert (error["field"], error["rule"]) == ("groups.0.any_of.1.level", "less_than_equal")


async def test_a_list_with_a_broken_item_is_not_called_too_short_as_well(client: httpx.AsyncClient, acme: Headers) -> None:
    answer = await client.post("/v1/notices", json={"title": "x", "groups": [{"any_of": [{"level": 9}]}]}, headers=acme)
    assert [error["field"] for error in answer.json()["errors"]] == ["groups.0.any_of.0.level"]


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ({"title": "x", "groups": [{"any_of": []}]}, "groups.0.any_of: must have at least 1 item"),
        ({"title": "x", "groups": 7}, "groups: must be a JSON array"),
        ([], "body: must be a JSON object"),
    ],
)
async def test_rules_are_described_in_the_terms_of_json(
    client: httpx.AsyncClient, acme: Headers, body: object, detail: str
) -> None:
    assert (await client.post("/v1/notices", json=body, headers=acme)).json()["detail"] == detail


async def test_missing_body_is_named(client: httpx.AsyncClient, acme: Headers) -> None:
    answer = await client.post("/v1/notices", headers=acme)
    assert_problem(answer, 422, "invalid-request")
    assert answer.json()["errors"][0]["field"] == "body"


@pytest.mark.parametrize(
    "body",
    [
        {"title": [SECRET]},
        {"title": SECRET * 9},
        {"title": "x", "groups": [{"any_of": [{"level": SECRET}]}]},
        {"title": "x", "groups": SECRET},
        {"title": "x", "choice": {"kind": SECRET}},
    ],
)
async def test_refusal_never_repeats_the_value(client: httpx.AsyncClient, acme: Headers, body: object) -> None:
    answer = await client.post("/v1/notices", json=body, headers=acme)
    assert_problem(answer, 422, "invalid-request")
    assert SECRET not in answer.text


async def test_quoted_tags_and_validator_messages_are_blanked(client: httpx.AsyncClient, acme: Headers) -> None:
    for body in ({"kind": SECRET}, {"kind": "card", "number": SECRET}):
        answer = await client.post("/v1/payments", json=body, headers=acme)
        assert_problem(answer, 422, "invalid-request")
        assert SECRET not in answer.text


async def test_unknown_field_is_refused(client: httpx.AsyncClient, acme: Headers) -> None:
    answer = await client.post("/v1/notices", json={"title": "x", "titel": SECRET}, headers=acme)
    assert_problem(answer, 422, "invalid-request")
    assert answer.json()["errors"] == [
        {"field": "titel", "rule": "extra_forbidden", "detail": "Extra inputs are not permitted"}
    ]


@pytest.mark.parametrize("title", ["a\0b", "\0"])
async def test_nul_in_a_text_is_refused(client: httpx.AsyncClient, acme: Headers, title: str) -> None:
    answer = await client.post("/v1/notices", json={"title": title}, headers=acme)
    assert_problem(answer, 422, "invalid-request")
    assert answer.json()["errors"][0]["rule"] == "nul_character"


@pytest.mark.parametrize("address", ["/v1/notices?title=a%00b", "/v1/notices/a%00b", "/v1/notices?ti%00tle=a"])
async def test_nul_in_an_address_is_refused(client: httpx.AsyncClient, acme: Headers, address: str) -> None:
    answer = await client.get(address, headers=acme)
    assert_problem(answer, 422, "invalid-request")
    assert answer.json()["errors"][0]["rule"] == "nul_character"


@pytest.mark.parametrize("content", [b'{"title": ', b"\xff\xfe", b"{'title': 1}", b"[" * 3000])
async def test_body_that_is_not_json_is_refused(client: httpx.AsyncClient, acme: Headers, content: bytes) -> None:
    answer = await client.post("/v1/notices", content=content, headers=acme | {"Content-Type": "application/json"})
    assert_problem(answer, 400, "malformed-body")
    assert answer.json()["errors"][0]["field"] == "body"


@pytest.mark.parametrize("content", [b'{"title": "\\ud800"}', b'{"\\ud800": 1}', b'{"\\ud800": 1, "\\ud800": 2}'])
async def test_lone_surrogate_is_refused(client: httpx.AsyncClient, acme: Headers, content: bytes) -> None:
    answer = await client.post("/v1/notices", content=content, headers=acme | {"Content-Type": "application/json"})
    assert_problem(answer, 422, "invalid-request")


@pytest.mark.parametrize("address", ["/v1/notices?title=%e9", "/v1/notices?%ff=1", "/v1/notices/caf%e9"])
async def test_an_address_in_another_encoding_is_refused(client: httpx.AsyncClient, acme: Headers, address: str) -> None:
    """Guards: it was answered as if the replacement character had been requested."""
    answer = await client.get(address, headers=acme)
    assert_problem(answer, 400, "malformed-request")
    assert answer.json()["errors"][0]["rule"] == "encoding"


async def test_a_compressed_body_is_named_as_such(client: httpx.AsyncClient, acme: Headers) -> None:
    headers = acme | {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    answer = await client.post("/v1/notices", content=gzip.compress(b'{"title": "x"}'), headers=headers)
    assert_problem(answer, 415, "unsupported-media-type", "content_encoding")
    assert "Content-Encoding" in answer.json()["detail"]


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "nonsense", ""])
async def test_other_media_types_are_refused(client: httpx.AsyncClient, acme: Headers, media_type: str) -> None:
    headers = acme | ({"Content-Type": media_type} if media_type else {})
    answer = await client.post("/v1/notices", content=b'{"title": "x"}', headers=headers)
    assert_problem(answer, 415, "unsupported-media-type", "content_type")


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "application/merge-patch+json"])
async def test_json_media_types_are_read(client: httpx.AsyncClient, acme: Headers, media_type: str) -> None:
    headers = acme | {"Content-Type": media_type}
    assert (await client.post("/v1/notices", content=b'{"title": "x"}', headers=headers)).status_code == 201


async def test_body_declared_too_large_is_refused_unread(client: httpx.AsyncClient, acme: Headers) -> None:
    answer = await client.post("/v1/notices", json={"title": "x" * 5000}, headers=acme)
    assert_problem(answer, 413, "body-too-large")
    assert "4096" in answer.json()["detail"]


async def test_streamed_body_is_cut_off_at_the_limit(client: httpx.AsyncClient, acme: Headers) -> None:
    sent = 0

    async def stream() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 1000
            yield b"x" * 1000

    answer = await client.post("/v1/notices", content=stream(), headers=acme | {"Content-Type": "application/json"})
    assert_problem(answer, 413, "body-too-large")
    assert sent <= 5000


async def test_unknown_parameter_is_named_with_the_known_ones(client: httpx.AsyncClient, acme: Headers) -> None:
    answer = await client.get("/v1/notices", params={"titel": SECRET}, headers=acme)
    assert_problem(answer, 422, "invalid-request")
    [error] = answer.json()["errors"]
    assert error["field"] == "titel"
    assert error["rule"] == "unknown_parameter"
    assert "cursor, limit, title" in error["detail"]
    assert SECRET not in answer.text


@pytest.mark.parametrize("address", ["/healthz?verbose=1", "/v1/keys?all=1", "/v1/notices/1?expand=x"])
async def test_every_route_refuses_unknown_parameters(client: httpx.AsyncClient, acme: Headers, address: str) -> None:
    answer = await client.get(address, headers=acme)
    assert_problem(answer, 422, "invalid-request")
    assert "known: none" in answer.json()["detail"]


async def test_parameters_of_parent_routers_are_known(client: httpx.AsyncClient, acme: Headers) -> None:
    assert (await client.get("/inner/ping", params={"lang": "en"})).json() == {"pong": True}
    assert_problem(await client.get("/inner/ping", params={"language": "en"}), 422, "invalid-request")


async def test_unknown_address_and_method_are_problems(client: httpx.AsyncClient, acme: Headers) -> None:
    assert_problem(await client.get("/v2/notices", headers=acme), 404, "not-found", "no_such_address")
    assert_problem(await client.get("/v1/notices/none", headers=acme), 404, "not-found", "no_such_thing")
    answer = await client.delete("/v1/notices", headers=acme)
    assert_problem(answer, 405, "method-not-allowed")
    assert answer.headers["Allow"]


async def test_other_organisations_resources_are_not_found(client: httpx.AsyncClient, acme: Headers, bolt: Headers) -> None:
    address = (await client.post("/v1/notices", json={"title": "x"}, headers=acme)).headers["Location"]
    foreign, absent = [await client.get(each, headers=bolt) for each in (address, "/v1/notices/none")]
    assert_problem(foreign, 404, "not-found", "no_such_thing")
    assert foreign.json() == absent.json()


async def test_database_away_asks_to_try_again(
    client: httpx.AsyncClient, acme: Headers, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise DatabaseAway("no route to db.internal")

    monkeypatch.setattr(store, "reading", away)
    answer = await client.get("/v1/notices", headers=acme)
    assert_problem(answer, 503, "unavailable", "part_away")
    assert answer.headers["Retry-After"] == "1"
    assert "db.internal" not in answer.text


async def test_nothing_is_changed_before_the_store_has_been_compared_with_the_log(wiring: Wiring, acme: Headers) -> None:
    app = create_app("Sample", "1.0.0", replace(wiring, is_compared=lambda: False), [router], {})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sample") as client:
        refused = await client.post("/v1/notices", json={"title": "welder"}, headers=acme)
        assert_problem(refused, 503, "writes-stopped", "starting")
        assert refused.headers["Retry-After"] == "5"
        assert (await client.get("/v1/notices", headers=acme)).json()["items"] == []


async def test_a_refusal_of_the_web_framework_is_a_problem() -> None:
    app = FastAPI()
    install(app)

    @app.get("/teapot")
    async def brew() -> None:
        raise HTTPException(418, "short and stout")

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sample") as client:
        assert_problem(await client.get("/teapot"), 418, "http-418", "other_status")


async def test_an_unexpected_error_leaks_nothing_and_is_rolled_back(
    client: httpx.AsyncClient, operator: Headers, acme: Headers
) -> None:
    answer = await client.post("/v1/fail", json={"title": SECRET[:20]}, headers=operator)
    assert_problem(answer, 500, "internal")
    assert answer.json()["instance"].startswith("urn:uuid:")
    assert "secret detail" not in answer.text
    assert "RuntimeError" not in answer.text
    assert "Traceback" not in answer.text
    assert (await client.get("/v1/notices", headers=acme)).json()["items"] == []


async def test_nothing_is_changed_while_a_condition_stops_writes(
    client: httpx.AsyncClient, store: Store, clock: ManualClock, acme: Headers
) -> None:
    async with store.transaction() as session:
        await declare(session, clock, Condition("behind_log", "3 subjects are older", "Run `makersync reconcile`", True))
    refused = await client.post("/v1/notices", json={"title": "welder"}, headers=acme)
    assert_problem(refused, 503, "writes-stopped", "writes_stopped")
    assert refused.headers["Retry-After"] == "60"
    assert (await client.get("/v1/notices", headers=acme)).json()["items"] == []
    async with store.transaction() as session:
        await lift(session, "behind_log")
    assert (await client.post("/v1/notices", json={"title": "welder"}, headers=acme)).status_code == 201

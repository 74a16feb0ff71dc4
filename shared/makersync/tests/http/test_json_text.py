"""The JSON reader: every error names its true cause and its position."""

import time
from typing import Any

import httpx
import pytest

from makersync.http.json_text import DEEPEST, parse_json
from makersync.http.problems import Problem


def fault(body: bytes) -> tuple[str, str]:
    with pytest.raises(Problem) as refusal:
        parse_json(body)
    [error] = refusal.value.errors
    return error.field, error.rule


@pytest.mark.parametrize(
    ("body", "place", "rule"),
    [
        (b'{"a": 1, "a": 2}', "a", "duplicate_key"),
        (b'{"groups": [{}, {"level": 1, "x": 2, "level": 1}]}', "groups.1.level", "duplicate_key"),
        (b'{"a": {"b": 1, "b": 2}, "a": 3}', "a", "duplicate_key"),
        (b'{"a": 1, "\\u0061": 2}', "a", "duplicate_key"),
        (b'{"n": [1, 9223372036854775808]}', "n.1", "integer_too_large"),
        (b'{"n": -9223372036854775809}', "n", "integer_too_large"),
        (b'{"n": ' + b"9" * 5000 + b"}", "n", "integer_too_large"),
        (b'{"n": 1e999}', "n", "number_too_large"),
        (b'{"n": NaN}', "n", "no_json_number"),
        (b"-Infinity", "body", "no_json_number"),
        (b'{"a": "\xe9"}', "body", "encoding"),
        ('{"a": 1}'.encode("utf-16"), "body", "encoding"),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), "body", "nesting"),
        (b'{"a":' * 40_000, "body", "nesting"),
        (b'{"a": [1, "\\ud800"]}', "a.1", "unpaired_surrogate"),
        (b'{"a": "\\udc00\\ud800"}', "a", "unpaired_surrogate"),
        (b'{"a": {"\\ud800": 1}}', "a", "unpaired_surrogate"),
        (b'{"\\ud800": 1}', "body", "unpaired_surrogate"),
        (b'{"\\ud800": 1, "\\ud800": 2}', "\ufffd", "duplicate_key"),
        (b'{"\\ud800": NaN}', "\ufffd", "no_json_number"),
        (b"{'a': 1}", "body", "json_invalid"),
        (b'{"a": 1,}', "body", "json_invalid"),
        (b'{"a": 01}', "body", "json_invalid"),
        (b'"' + b'\\"' * 60_000 + b"[" * 100, "body", "json_invalid"),
    ],
)
def test_malformed_json_is_refused_with_the_reason(body: bytes, place: str, rule: str) -> None:
    begun = time.monotonic()
    assert fault(body) == (place, rule)
    assert time.monotonic() - begun < 1


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"n": 9223372036854775807, "m": -9223372036854775808}', {"n": 2**63 - 1, "m": -(2**63)}),
        (b"\xef\xbb\xbf[1.5, true, null]", [1.5, True, None]),
        (b'{"a": "' + b"[{" * 500 + b'"}', {"a": "[{" * 500}),
        (b"[" + b"[]," * 200 + b"[]]", [[]] * 201),
        (b"[" * DEEPEST + b"]" * DEEPEST, None),
        (b'"\\ud83d\\ude00 \\\\ud800"', "\N{GRINNING FACE} \\ud800"),
    ],
)
def test_valid_json_is_read(body: bytes, value: Any) -> None:
    assert value is None or parse_json(body) == value


async def test_a_body_where_none_belongs_is_refused(client: httpx.AsyncClient, acme: dict[str, str]) -> None:
    for method, path in (("GET", "/v1/notices"), ("GET", "/healthz"), ("DELETE", "/v1/keys/0123456789abcdef")):
        answer = await client.request(method, path, json={"a": 1}, headers=acme)
        assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (400, "unexpected_body"), path


async def test_an_unknown_caller_learns_nothing_about_a_malformed_request(client: httpx.AsyncClient) -> None:
    """Guards: a missing authentication is reported before any kind of malformed input."""
    json_type = {"Content-Type": "application/json"}
    attempts: list[tuple[str, str, dict[str, Any]]] = [
        ("POST", "/v1/notices", {"content": b"{", "headers": json_type}),
        ("POST", "/v1/notices", {"json": {"title": 7}}),
        ("POST", "/v1/notices", {"content": b"x", "headers": {"Content-Type": "text/plain"}}),
        ("POST", "/v1/notices", {"json": {"title": "x"}, "headers": {"Idempotency-Key": "two words"}}),
        ("PUT", "/v1/notices/1", {"json": {"title": "x"}}),
        ("PUT", "/v1/notices/1", {"json": {"title": "x"}, "headers": {"If-Match": "x"}}),
        ("GET", "/v1/notices?nothing=1", {}),
        ("GET", "/v1/notices?limit=x", {}),
        ("GET", "/v1/notices?title=a%00b", {}),
        ("GET", "/v1/notices?cursor=x", {}),
        ("GET", "/v1/notices", {"content": b"x"}),
        ("DELETE", "/v1/keys/none", {}),
    ]
    for method, path, sent in attempts:
        assert (await client.request(method, path, **sent)).status_code == 401, (method, path)


@pytest.mark.parametrize("query", ["limit=1&limit=1", "title=a&title=b"])
async def test_a_repeated_parameter_is_refused(client: httpx.AsyncClient, acme: dict[str, str], query: str) -> None:
    answer = await client.get(f"/v1/notices?{query}", headers=acme)
    assert (answer.status_code, answer.json()["errors"][0]["rule"]) == (422, "repeated_parameter")


async def test_allow_lists_every_method_of_the_address(client: httpx.AsyncClient, acme: dict[str, str]) -> None:
    assert (await client.delete("/v1/notices", headers=acme)).headers["Allow"] == "GET, POST"
    assert (await client.delete("/v1/notices/1", headers=acme)).headers["Allow"] == "GET, PUT"
    assert (await client.delete("/openapi.json")).headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "body", [{"title": 7}, {"title": None}, {"title": True}, {"title": "x", "groups": [{"any_of": [{"level": True}]}]},
             {"title": "x", "groups": [{"any_of": [{"level": "3"}]}]}, {"title": "x", "groups": [{"any_of": [{"level": 3.0}]}]}]
)  # fmt: skip
async def test_a_value_of_another_json_type_is_refused(client: httpx.AsyncClient, acme: dict[str, str], body: Any) -> None:
    answer = await client.post("/v1/notices", json=body, headers=acme)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["rule"] in {"int_type", "string_type"}


async def test_no_cache_may_store_a_response(client: httpx.AsyncClient, acme: dict[str, str]) -> None:
    for path in ("/v1/notices", "/v1/keys", "/v1/notices/none"):
        assert (await client.get(path, headers=acme)).headers["Cache-Control"] == "no-store"

"""Visits survive a service that restarts, and are never made twice."""

import httpx
import pytest

from demo.client import service_clients
from demo.client.service_clients import RefusedByService, ServiceAway

from .services import Services


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_clients, "_PAUSE_S", 0.0)


@pytest.mark.parametrize(
    "trouble", [httpx.ConnectError("down"), httpx.ReadError("cut"), httpx.Response(503), httpx.Response(500)]
)
async def test_a_creation_is_sent_again_with_the_same_key(trouble: httpx.TransportError | httpx.Response) -> None:
    services = Services()
    services.answers.extend([trouble, trouble])
    made = await services.clients().openings.create("key", "/v1/openings", {"title": "Machinist"}, "opening-1")
    assert made["opening_id"] == "opening_id-3"
    assert {asked.headers["Idempotency-Key"] for asked in services.asked} == {"opening-1"}
    assert len(services.asked) == 3


async def test_a_refusal_is_final_and_says_why() -> None:
    services = Services()
    services.answers.append(httpx.Response(422, json={"title": "Invalid", "detail": "zip: unknown ZIP code"}))
    with pytest.raises(RefusedByService, match=r"POST /v1/openings: 422 Invalid: zip: unknown ZIP code") as refusal:
        await services.clients().openings.create("key", "/v1/openings", {})
    assert refusal.value.status == 422
    assert len(services.asked) == 1


async def test_a_service_that_stays_away_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_clients, "PATIENCE_S", -1.0)
    services = Services()
    services.answers.append(httpx.ConnectError("down"))
    with pytest.raises(ServiceAway, match=r"http://openings\.test did not answer"):
        await services.clients().openings.get("key", "/v1/openings")


async def test_a_change_is_made_whatever_the_version() -> None:
    services = Services()
    services.answers.append(httpx.Response(204))
    assert await services.clients().learners.change("key", "DELETE", "/v1/learners/1") is None
    assert services.asked[0].headers["If-Match"] == "*"
    assert services.asked[0].headers["Authorization"] == "Bearer key"


async def test_pages_are_read_to_the_end() -> None:
    services = Services()
    services.answers.append(httpx.Response(200, json={"items": [1, 2], "next_cursor": "abc"}))
    services.answers.append(httpx.Response(200, json={"items": [3], "next_cursor": None}))
    assert [item async for item in services.clients().learners.pages("key", "/v1/signals?level=severe")] == [1, 2, 3]
    assert [path for _, path in services.requests] == [
        "/v1/signals?level=severe&limit=200",
        "/v1/signals?level=severe&limit=200&cursor=abc",
    ]

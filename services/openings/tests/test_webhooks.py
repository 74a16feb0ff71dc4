"""The webhooks of an employer over HTTP, from the event of a match to a receiver that verifies the message."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import Any

import pytest
from fastapi import FastAPI
from standardwebhooks import Webhook

from makersync.clock import ManualClock
from makersync.delivery.repository import MOST_WEBHOOKS
from makersync.effects.lease import Lease, acquire
from makersync.feed.numbering import Numbering
from makersync.http.application import create_app
from makersync.http.pepper import read_pepper
from makersync.http.wiring import Wiring
from makersync.runtime.service import Context
from makersync.runtime.webhooks import webhook_sender
from openings.bootstrap import definition
from shared.makersync.tests.delivery.receiver import Receiver, answer, receiving

from .conftest import Caller, MakeCaller
from .events import Feed, Match

pytestmark = pytest.mark.usefixtures("catalog")
URL = "https://ats.example.org/hooks"
PATH = "/v1/webhooks"


@pytest.fixture
async def context(context: Context) -> Context:
    """With the receivers of the test within reach."""
    return replace(context, settings=context.settings.model_copy(update={"webhook_networks": (ip_network("127.0.0.0/8"),)}))


@pytest.fixture
def wiring(context: Context) -> Wiring:
    return Wiring(context.settings, context.store, context.clock, context.metrics, read_pepper(context.settings))


@pytest.fixture
def app(context: Context, wiring: Wiring) -> FastAPI:
    return create_app("openings", "1", wiring, definition().routers(context), {}, definition().rules, definition().warnings)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def lease(context: Context) -> Lease:
    async with context.store.transaction() as session:
        lease = await acquire(session, context.clock, "openings.relay", "test", 60.0)
    assert lease is not None
    return lease


@pytest.fixture
def numbering(context: Context, lease: Lease) -> Numbering:
    return Numbering(context.store, context.clock, lease, 60.0)


@asynccontextmanager
async def sending(context: Context) -> AsyncIterator[None]:
    """A process sends meanwhile."""
    stop = asyncio.Event()
    running = asyncio.create_task(webhook_sender(context).run(stop))
    try:
        yield
    finally:
        stop.set()
        await running


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0.01)


async def created(caller: Caller, url: str = URL, **wanted: Any) -> dict[str, Any]:
    answer = await caller.post(PATH, {"url": url, **wanted})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def refused(caller: Caller, status: int, **wanted: Any) -> str:
    answer = await caller.post(PATH, {"url": URL} | wanted)
    assert answer.status_code == status, answer.text
    return str(answer.json()["rule"])


async def test_a_match_reaches_the_employers_receiver_signed(
    acme: Caller, feed: Feed, opening_id: str, numbering: Numbering, context: Context, clock: ManualClock, receiver: Receiver
) -> None:
    clock.move_to(datetime.now(UTC))
    issued = await created(acme, receiver.url, types=["match.proposed"])
    async with sending(context):
        pair = Match(opening_id, "lrn_1")
        await feed.matches(pair.proposed(1), pair.revised(2))
        await numbering.number()
        await until(lambda: len(receiver.received) == 1)
    [received] = receiver.received
    message = Webhook(issued["secret"]).verify(received.body, received.headers)
    [entry] = (await acme.get("/v1/feed", types="match.proposed")).json()["entries"]
    assert message == {
        "type": "match.proposed",
        "timestamp": entry["occurred_at"],
        "data": {"position": entry["position"], "subject": entry["subject"], "state": entry["data"]},
    }
    path = f"{PATH}/{issued['webhook']['id']}"
    [delivery] = (await acme.get(f"{path}/deliveries", state="delivered")).json()["items"]
    assert (delivery["message_id"], delivery["position"]) == (received.message_id, 1)
    detail = (await acme.get(f"{path}/deliveries/{delivery['id']}")).json()
    assert [(each["outcome"], each["status"]) for each in detail["log"]] == [("delivered", 204)]
    assert (await acme.get(path)).json()["position"] == 2


async def test_the_secret_is_shown_once_and_a_public_key_always(acme: Caller, context: Context) -> None:
    first = await acme.post(PATH, {"url": URL}, Idempotency_Key="k")
    assert first.status_code == 201 and first.json()["secret"].startswith("whsec_")
    assert first.headers["Location"] == f"{PATH}/{first.json()['webhook']['id']}"
    again = await acme.post(PATH, {"url": URL}, Idempotency_Key="k")
    assert (again.status_code, again.json()) == (200, first.json() | {"secret": None})
    assert "whsec_" not in (await acme.get(PATH)).text
    pair = await created(acme, signing="ed25519")
    assert pair["secret"] is None
    assert pair["webhook"]["keys"][0]["public_key"].startswith("whpk_")
    assert [each["id"] for each in (await acme.get(PATH)).json()["items"]] == [
        pair["webhook"]["id"],
        first.json()["webhook"]["id"],
    ]


async def test_a_secret_is_rotated_with_an_overlap(acme: Caller) -> None:
    issued = await created(acme)
    path = f"{PATH}/{issued['webhook']['id']}"
    rotated = await acme.post(f"{path}/rotation", {"grace_seconds": 3600}, Idempotency_Key="r")
    assert rotated.status_code == 201, rotated.text
    assert rotated.json()["secret"] not in (None, issued["secret"])
    new, old = rotated.json()["webhook"]["keys"]
    assert new["ends_at"] is None and old["ends_at"] is not None
    again = await acme.post(f"{path}/rotation", {"grace_seconds": 3600}, Idempotency_Key="r")
    assert (again.status_code, again.json()["secret"]) == (200, None)
    assert len((await acme.get(path)).json()["keys"]) == 2
    at_once = await acme.post(f"{path}/rotation", {"grace_seconds": 0})
    assert at_once.status_code == 201
    assert len((await acme.get(path)).json()["keys"]) == 1
    assert (await acme.post(f"{path}/rotation", {"grace_seconds": 8 * 24 * 3600})).status_code == 422


async def test_a_webhook_is_changed_by_its_version_and_deleted(acme: Caller) -> None:
    path = f"{PATH}/{(await created(acme))['webhook']['id']}"
    assert (await acme.get(path)).headers["ETag"] == '"1"'
    assert (await acme.send("PATCH", path, json={"description": "ATS"})).status_code == 428
    changed = await acme.change("PATCH", path, 1, {"types": ["match.withdrawn"], "url": "https://other.example.org/"})
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"'), changed.text
    assert (changed.json()["types"], changed.json()["url"]) == (["match.withdrawn"], "https://other.example.org/")
    assert (await acme.change("PATCH", path, 1, {"description": "ATS"})).status_code == 412
    assert (await acme.change("PATCH", path, 2, {"url": None})).status_code == 422
    assert (await acme.change("PATCH", path, 2, {"types": ["match.invented"]})).json()["rule"] == "unknown_entry_type"
    assert (await acme.change("DELETE", path, 1)).status_code == 412
    assert (await acme.change("DELETE", path, 2)).status_code == 204
    assert (await acme.get(path)).status_code == 404
    assert (await acme.get(PATH)).json() == {"items": []}


@pytest.mark.parametrize(
    ("url", "rule"),
    [
        ("http://192.168.0.1/hooks", "webhook_address"),
        ("https://169.254.169.254/latest/meta-data", "webhook_address"),
        ("ftp://ats.example.org/", "webhook_scheme"),
        ("https://user@ats.example.org/", "webhook_url"),
        ("hooks", "webhook_scheme"),
        ("", "string_too_short"),
        ("https://" + "a" * 2000, "string_too_long"),
    ],
)
async def test_a_url_that_nothing_may_be_sent_to_is_refused(acme: Caller, url: str, rule: str) -> None:
    assert await refused(acme, 422, url=url) == rule


async def test_what_breaks_a_rule_is_refused(acme: Caller) -> None:
    assert await refused(acme, 422, types=["match.invented"]) == "unknown_entry_type"
    assert await refused(acme, 422, signing="md5") == "enum"
    assert await refused(acme, 410, after=7) == "feed_position"
    for _ in range(MOST_WEBHOOKS):
        await created(acme)
    assert await refused(acme, 409) == "too_many_webhooks"


async def test_a_webhook_begins_where_it_is_told_to(
    acme: Caller, feed: Feed, opening_id: str, numbering: Numbering, context: Context, receiver: Receiver
) -> None:
    await feed.matches(Match(opening_id, "lrn_1").proposed(1), Match(opening_id, "lrn_2").proposed(1))
    await numbering.number()
    assert (await created(acme))["webhook"]["position"] == 2
    await created(acme, receiver.url, after=1)
    async with sending(context):
        await until(lambda: receiver.positions == [2])


async def test_a_test_is_sent_also_to_a_disabled_webhook_and_changes_nothing(
    acme: Caller, feed: Feed, opening_id: str, numbering: Numbering, context: Context, receiver: Receiver
) -> None:
    receiver.replies = lambda _: answer(410, b"gone")
    path = f"{PATH}/{(await created(acme, receiver.url))['webhook']['id']}"
    await feed.matches(Match(opening_id, "lrn_1").proposed(1))
    await numbering.number()
    async with sending(context):
        await until(lambda: receiver.positions == [1])
        while (await acme.get(path)).json()["state"] != "disabled":
            await asyncio.sleep(0.01)
        assert (await acme.get(path)).json()["reason"] == "gone"
        receiver.replies = lambda _: answer(200, b"fine")
        tested = await acme.post(f"{path}/test", None, Idempotency_Key="t")
        assert tested.status_code == 202, tested.text
        again = await acme.post(f"{path}/test", None, Idempotency_Key="t")
        assert again.json() == tested.json()
        location = tested.headers["Location"]
        while (await acme.get(location)).json()["state"] == "pending":
            await asyncio.sleep(0.01)
        detail = (await acme.get(location)).json()
        assert [(each["outcome"], each["answer"]) for each in detail["log"]] == [("delivered", "fine")]
        assert (await acme.get(path)).json()["state"] == "disabled"
        assert [each.message["type"] for each in receiver.received] == ["match.proposed", "webhook.test"]

        resumed = await acme.post(f"{path}/resumption")
        assert (resumed.status_code, resumed.json()["state"]) == (200, "active")
        await numbering.number()
        await until(lambda: receiver.positions.count(1) == 2)
        await until(lambda: "webhook.disabled" in [each.message["type"] for each in receiver.received])


async def test_only_so_many_tests_wait(acme: Caller) -> None:
    path = f"{PATH}/{(await created(acme))['webhook']['id']}"
    answers = [(await acme.post(f"{path}/test")).status_code for _ in range(6)]
    assert answers == [202] * 5 + [429]


async def test_one_entry_a_range_or_all_since_are_replayed(
    acme: Caller, feed: Feed, opening_id: str, numbering: Numbering, context: Context, receiver: Receiver
) -> None:
    path = f"{PATH}/{(await created(acme, receiver.url))['webhook']['id']}"
    for number in range(5):
        await feed.matches(Match(opening_id, f"lrn_{number}").proposed(1))
    await numbering.number()
    async with sending(context):
        await until(lambda: len(receiver.received) == 5)
        ids = {each.position: each.message_id for each in receiver.received}
        for wanted, positions in (
            ({"first": 2, "last": 2}, [2]),
            ({"first": 2, "last": 3}, [2, 3]),
            ({"first": 4}, [4, 5]),
            ({"first": 1, "last": 99}, [1, 2, 3, 4, 5]),
        ):
            receiver.received.clear()
            replayed = await acme.post(f"{path}/replay", wanted)
            assert (replayed.status_code, replayed.json()) == (202, {"first": positions[0], "last": positions[-1]})
            await until(lambda expected=positions: sorted(receiver.positions) == expected)
            assert {each.position: each.message_id for each in receiver.received} == {n: ids[n] for n in positions}
        assert (await acme.post(f"{path}/replay", {"first": 6})).json() == {"first": 6, "last": 5}


async def test_a_replay_that_makes_no_sense_is_refused(acme: Caller, feed: Feed, opening_id: str, numbering: Numbering) -> None:
    await feed.matches(Match(opening_id, "lrn_1").proposed(1), Match(opening_id, "lrn_2").proposed(1))
    await numbering.number()
    path = f"{PATH}/{(await created(acme))['webhook']['id']}/replay"
    for body, status, rule in (
        ({"first": 2, "last": 1}, 422, "replay_order"),
        ({"first": 4}, 410, "feed_position"),
        ({"first": 0}, 422, "greater_than_equal"),
        ({"first": 1}, 202, None),
        ({"first": 1}, 409, "replay_under_way"),
    ):
        told = await acme.post(path, body)
        assert (told.status_code, told.json().get("rule")) == (status, rule)


async def test_a_cursor_of_another_webhooks_log_is_refused(acme: Caller, bolt: Caller) -> None:
    mine, theirs = [f"{PATH}/{(await created(each))['webhook']['id']}" for each in (acme, bolt)]
    other = f"{PATH}/{(await created(acme))['webhook']['id']}"
    for path, caller in ((mine, acme), (theirs, bolt)):
        for _ in range(3):
            await caller.post(f"{path}/test")
    first = (await acme.get(f"{mine}/deliveries", limit=2)).json()
    assert len(first["items"]) == 2
    cursor = first["next_cursor"]
    rest = (await acme.get(f"{mine}/deliveries", limit=2, cursor=cursor)).json()
    assert (len(rest["items"]), rest["next_cursor"]) == (1, None)
    for path, caller in ((theirs, bolt), (other, acme)):
        told = await caller.get(f"{path}/deliveries", limit=2, cursor=cursor)
        assert (told.status_code, told.json()["rule"]) == (400, "cursor")
    delivery = first["items"][0]["id"]
    for path, caller in ((theirs, bolt), (other, acme), (mine, bolt)):
        assert (await caller.get(f"{path}/deliveries/{delivery}")).status_code == 404


async def test_webhooks_are_for_organisations_with_the_scope(caller: MakeCaller, acme: Caller, operator: Caller) -> None:
    path = f"{PATH}/{(await created(acme))['webhook']['id']}"
    reader = await caller("emp_acme", ["openings:read"])
    assert (await reader.get(path)).status_code == 200
    assert (await reader.get(f"{path}/deliveries")).status_code == 200
    assert (await reader.post(f"{path}/test")).status_code == 403
    assert (await reader.post(PATH, {"url": URL})).status_code == 403
    for answer_ in (await operator.get(PATH), await operator.get(path), await operator.post(PATH, {"url": URL})):
        assert answer_.status_code == 403


async def test_no_secret_is_readable_in_the_database(acme: Caller, context: Context) -> None:
    issued = await created(acme)
    async with context.store.connection() as connection:
        rows = (await connection.exec_driver_sql("SELECT * FROM webhook_secret")).all()
        kept = (await connection.exec_driver_sql("SELECT * FROM idempotency")).all()
    secret = issued["secret"].removeprefix("whsec_")
    assert secret not in f"{rows}{kept}" and len(rows) == 1

"""What an employer does with a webhook: it rotates the secret, sends tests and replays, and reads the log."""

import asyncio

import pytest

from makersync.feed.numbering import Numbering
from makersync.runtime.service import Context
from services.openings.tests.conftest import Caller
from services.openings.tests.events import Feed, Match
from shared.makersync.tests.delivery.receiver import Receiver, answer

from .calls import PATH, created, sending, until

pytestmark = pytest.mark.usefixtures("catalog")


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

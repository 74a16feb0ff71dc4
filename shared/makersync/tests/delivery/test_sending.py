"""What a webhook is sent: every entry that it wants, signed, in order, and no more often than it must be."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import delete, select
from standardwebhooks import Webhook

from makersync.delivery import sender as sender_module
from makersync.delivery.repository import rotate_secret
from makersync.delivery.sealing import Seal
from makersync.delivery.signing import Signing
from makersync.delivery.tables import AttemptRow, WebhookRow
from makersync.delivery.window import WINDOW
from makersync.feed.tables import FeedEntryRow, FeedHeadRow
from makersync.store.database import DatabaseAway

from .conftest import ACME, Market, send_all
from .receiver import OK, Received, Receiver, answer, until


async def test_every_entry_is_sent_signed_and_with_the_whole_state(market: Market, receiver: Receiver) -> None:
    _, secret = await market.webhook(receiver)
    await market.happens("a", "b")
    assert await send_all(market.sender()) == 2
    first, second = receiver.received
    message = Webhook(str(secret.shown)).verify(first.body, first.headers)
    assert (message["type"], message["data"]) == ("match.proposed", {"position": 1, "subject": "a", "state": {"about": "a"}})
    assert message["timestamp"].endswith("Z")
    assert (first.message_id, second.message_id) == ("msg_1_1", "msg_1_2")
    assert first.headers["content-type"] == "application/json"
    assert await market.outcomes() == ["delivered"] * 2
    assert {each.state for each in await market.deliveries()} == {"delivered"}
    assert await send_all(market.sender()) == 0


async def test_each_webhook_gets_the_types_of_its_own_organisation_that_it_wants(
    market: Market, receiver: Receiver, other: Receiver
) -> None:
    await market.webhook(receiver, types=["match.withdrawn"])
    await market.webhook(other, "emp_bolt")
    await market.happens("a")
    await market.happens("a", kind="match.withdrawn")
    await market.happens("b", organisation_id="emp_bolt")
    await send_all(market.sender())
    assert [(each.message["type"], each.position) for each in receiver.received] == [("match.withdrawn", 2)]
    assert [each.message["data"]["subject"] for each in other.received] == ["b"]
    assert (await market.state()).cursor == 2


async def test_entries_of_one_subject_arrive_in_order_and_others_pass_them(market: Market, receiver: Receiver) -> None:
    await market.webhook(receiver)
    await market.happens("a", "b", "a", "b", "c")
    receiver.replies = lambda request: answer(500) if request.position == 1 else OK
    sender = market.sender()
    await send_all(sender)
    assert sorted(receiver.positions, key=str) == [1, 2, 4, 5], "3 waits for 1, which is of the same subject"
    receiver.replies = lambda _: OK
    await market.age(seconds=6)
    await send_all(sender)
    assert receiver.positions[-2:] == [1, 3]


async def test_several_senders_deliver_each_entry_once_and_in_order(market: Market, receiver: Receiver) -> None:
    async def brief(_request: Received) -> bytes:
        await asyncio.sleep(0.002)
        return OK

    receiver.replies = brief
    await market.webhook(receiver)
    subjects = [f"s{n % 20}" for n in range(120)]
    stop = asyncio.Event()
    running = [asyncio.create_task(market.sender(f"sender-{n}").run(stop)) for n in range(3)]
    for start in range(0, len(subjects), 40):
        await market.happens(*subjects[start : start + 40])
    await until(lambda: len(receiver.received) >= len(subjects))
    stop.set()
    await asyncio.gather(*running)
    assert Counter(receiver.positions) == Counter(range(1, len(subjects) + 1))
    for subject in set(subjects):
        mine = [each.position for each in receiver.received if each.message["data"]["subject"] == subject]
        assert mine == sorted(mine, key=lambda position: position or 0)
    assert receiver.most_under_way <= 4


async def test_a_sender_that_dies_leaves_its_deliveries_to_others_once_the_lease_is_over(
    market: Market, receiver: Receiver
) -> None:
    await market.webhook(receiver)
    await market.happens("a", "a")
    [claimed] = await market.sender("dead").claim_some(10)
    assert await send_all(market.sender("alive")) == 0
    await market.age(seconds=61)
    assert await send_all(market.sender("alive")) == 2
    await market.sender("dead").send(claimed)
    assert receiver.positions == [1, 2, 1]
    assert len({each.message_id for each in receiver.received}) == 2
    assert {(each.position, each.attempts) for each in await market.deliveries()} == {(1, 1), (2, 1)}, "it came too late"
    assert len(await market.rows(AttemptRow)) == 3


async def test_a_database_that_is_away_for_a_moment_costs_no_second_attempt(
    market: Market, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, away = sender_module.record, [DatabaseAway("for a moment")]

    async def shaky(*given: Any) -> Any:
        if away:
            raise away.pop()
        return await keep(*given)

    monkeypatch.setattr(sender_module, "record", shaky)
    await market.webhook(receiver)
    await market.happens("a")
    await send_all(market.sender())
    assert receiver.positions == [1]
    assert [each.state for each in await market.deliveries()] == ["delivered"]


async def test_entries_that_the_feed_has_forgotten_become_a_notice(market: Market, receiver: Receiver) -> None:
    await market.webhook(receiver)
    await market.happens("a", "b", "c")
    async with market.store.transaction() as session:
        await session.exec(delete(FeedEntryRow).where(FeedEntryRow.position <= 2))  # type: ignore[operator,arg-type]
        head = await session.get_one(FeedHeadRow, ACME)
        head.forgotten = 2
    await send_all(market.sender())
    assert receiver.positions == [3]
    [notice] = await market.notices()
    assert notice.type == "webhook.behind"
    assert notice.data is not None and (notice.data["lost_after"], notice.data["lost_to"]) == (0, 2)
    await send_all(market.sender())
    assert receiver.positions == [3, 4], "the webhook gets the notice itself"


async def test_an_entry_that_is_forgotten_before_it_is_sent_ends_its_delivery(market: Market, receiver: Receiver) -> None:
    await market.webhook(receiver)
    await market.happens("a", "a")
    sender = market.sender()
    [claimed] = await sender.claim_some(10)
    async with market.store.transaction() as session:
        await session.exec(delete(FeedEntryRow).where(FeedEntryRow.position == 1))  # type: ignore[arg-type]
    await sender.send(claimed)
    await send_all(sender)
    assert receiver.positions == [2]
    assert [each.state for each in await market.deliveries()] == ["failed", "delivered"]
    assert (await market.state()).failures == 0


async def test_what_a_learner_has_taken_back_is_not_sent(market: Market, receiver: Receiver) -> None:
    await market.webhook(receiver)
    await market.happens("a")
    sender = market.sender()
    [claimed] = await sender.claim_some(10)
    async with market.store.transaction() as session:
        [entry] = await session.exec(select(FeedEntryRow))
        entry.data = None
    await sender.send(claimed)
    assert receiver.received[0].message["data"] == {"position": 1, "subject": "a", "state": None}


async def test_during_a_rotation_both_secrets_verify_and_afterwards_the_new_one(market: Market, receiver: Receiver) -> None:
    _, old = await market.webhook(receiver)
    async with market.store.transaction() as session:
        row = await session.get_one(WebhookRow, "whk_1")
        new = await rotate_secret(session, market.seal, row, timedelta(hours=1), market.clock.now())
    sender = market.sender()
    await market.happens("a")
    await send_all(sender)
    await market.age(hours=1, seconds=1)
    await market.happens("b")
    await send_all(sender)
    during, after = receiver.received
    for secret in (old, new):
        Webhook(str(secret.shown)).verify(during.body, during.headers)
    Webhook(str(new.shown)).verify(after.body, after.headers)
    assert after.headers["webhook-signature"].count("v1,") == 1


async def test_a_webhook_with_a_key_pair_signs_so(market: Market, receiver: Receiver) -> None:
    await market.webhook(receiver, signing=Signing.ED25519)
    await market.happens("a")
    await send_all(market.sender())
    assert receiver.received[0].headers["webhook-signature"].startswith("v1a,")


async def test_without_the_pepper_nothing_is_sent_unsigned(market: Market, receiver: Receiver) -> None:
    await market.webhook(receiver)
    await market.happens("a")
    market.seal = Seal(b"x" * 32)
    await send_all(market.sender())
    assert receiver.received == []
    assert await market.outcomes() == ["secret_lost"]


async def test_a_replay_sends_the_same_messages_again_in_order_and_then_what_is_new(market: Market, receiver: Receiver) -> None:
    await market.webhook(receiver)
    await market.happens(*(f"s{n % 3}" for n in range(9)))
    sender = market.sender()
    await send_all(sender)
    first = {each.position: each.message_id for each in receiver.received}
    receiver.received.clear()
    await market.change(replay_after=2, replay_to=6)
    await market.happens("s0", "new")
    await send_all(sender)
    assert sorted(receiver.positions, key=lambda position: position or 0) == [3, 4, 5, 6, 10, 11]
    assert {each.position: each.message_id for each in receiver.received if each.position in first} == {
        position: first[position] for position in (3, 4, 5, 6)
    }
    assert receiver.positions.index(4) < receiver.positions.index(10), "both are of s0"
    assert (await market.state()).replay_after is None
    assert len(await market.deliveries()) == 11


async def test_a_replay_of_everything_goes_on_although_a_full_window_waits(market: Market, receiver: Receiver) -> None:
    await market.webhook(receiver)
    subjects = [f"s{n % 50}" for n in range(WINDOW + 50)]
    await market.happens(*subjects)
    sender = market.sender()
    for delivery in await sender.claim_some(10):
        await sender.send(delivery)
    sent = len(receiver.received)
    await market.change(replay_after=0, replay_to=(await market.state()).cursor)
    while claimed := await sender.claim_some(100):
        await asyncio.gather(*map(sender.send, claimed))
    counted = Counter(receiver.positions)
    assert set(counted) == set(range(1, len(subjects) + 1))
    assert sum(counted.values()) == len(subjects) + sent


async def test_a_webhook_that_is_made_after_a_look_that_found_none_is_served(market: Market, receiver: Receiver) -> None:
    """Guards: looks are skipped while there is no webhook and nothing is committed."""
    await market.happens("a")
    sender = market.sender()
    assert await send_all(sender) == await send_all(sender) == 0
    await market.webhook(receiver)
    await market.happens("b")
    assert await send_all(sender) > 0

"""Several messages in one transaction: what becomes of one of them is nothing to the others."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from makersync.delivery import sender as sender_module
from makersync.delivery.attempts import DeliveryAttempt
from makersync.delivery.claiming import lock_webhook
from makersync.delivery.outbound import Outbound, Post, Reply
from makersync.delivery.sender import Sender
from makersync.delivery.tables import AttemptRow, DeliveryModel, DeliveryRow
from makersync.feed.tables import FeedModel
from makersync.store.database import Store
from makersync.store.tables import KitModel
from tests.servers.tables import create_tables

from .conftest import Market, send_all
from .receiver import OK, Received, Receiver, until


async def send_together(sender: Sender, deliveries: Sequence[DeliveryRow]) -> list[BaseException | None]:
    """What each of the attempts has raised."""
    return await asyncio.gather(*map(sender.send, deliveries), return_exceptions=True)


class AtOnce(Outbound):
    """Answers 204 to so many requests at once, when all of them have come."""

    def __init__(self, count: int) -> None:
        super().__init__([])
        self._all = asyncio.Barrier(count)

    async def post(self, post: Post, within_s: float = 0.0) -> Reply:
        await self._all.wait()
        return Reply(None, 204)


@pytest.fixture
def sizes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many attempts each transaction has recorded."""
    keep, found = sender_module.record, list[int]()

    async def counted(
        session: Any, clock: Any, attempts: Sequence[DeliveryAttempt], *more: Any, **named: Any
    ) -> Sequence[bool]:
        found.append(len(attempts))
        return await keep(session, clock, attempts, *more, **named)

    monkeypatch.setattr(sender_module, "record", counted)
    return found


async def test_what_ends_together_is_recorded_in_one_transaction(market: Market, receiver: Receiver, sizes: list[int]) -> None:
    """Guards: a transaction for each message, which costs more than to send it."""
    for number in range(3):
        await market.webhook(receiver, f"emp_{number}")
        await market.happens("a", "b", organisation_id=f"emp_{number}")
    market.outbound = AtOnce(6)
    sender = market.sender()
    assert await send_together(sender, await sender.claim_some(100)) == [None] * 6
    assert sizes == [6]
    assert [each.state for n in (1, 2, 3) for each in await market.deliveries(f"whk_{n}")] == ["delivered"] * 6


async def test_a_lease_that_was_lost_leaves_the_rest_of_its_batch_as_it_is(
    market: Market, receiver: Receiver, sizes: list[int]
) -> None:
    await market.webhook(receiver)
    await market.happens("a", "b", "c")
    market.outbound = AtOnce(3)
    late = market.sender("late")
    claimed = await late.claim_some(10)
    await market.age(seconds=61)
    [lost] = await market.sender("early").claim_some(1)
    assert await send_together(late, claimed) == [None] * 3
    assert {each.id: (each.state, each.attempts, each.owner) for each in await market.deliveries()} == {
        each.id: ("pending", 0, "early") if each.id == lost.id else ("delivered", 1, None) for each in claimed
    }
    assert len(await market.rows(AttemptRow)) == 3, "the log keeps what was done in vain"
    assert sizes == [3]


async def test_a_record_that_fails_is_missing_alone(
    market: Market, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: one attempt that cannot be stored, with which everything that ended at the same time would be sent again."""
    keep = sender_module.record

    async def picky(session: Any, clock: Any, attempts: Sequence[DeliveryAttempt], *more: Any, **named: Any) -> Sequence[bool]:
        done = await keep(session, clock, attempts, *more, **named)
        if any(each.delivery.subject == "bad" for each in attempts):
            raise ValueError("this cannot be stored")
        return done

    await market.webhook(receiver)
    await market.happens("a", "bad", "b")
    outbound, market.outbound = market.outbound, AtOnce(3)
    sender = market.sender()
    with monkeypatch.context() as patched:
        patched.setattr(sender_module, "record", picky)
        raised = await send_together(sender, await sender.claim_some(10))
    assert sorted(map(type, raised), key=str) == [type(None), type(None), ValueError]
    assert {each.subject: each.state for each in await market.deliveries()} == {
        "a": "delivered",
        "bad": "pending",
        "b": "delivered",
    }
    await market.age(seconds=61)
    market.outbound = outbound
    assert await send_all(market.sender("heir")) == 1
    assert receiver.positions == [2]


async def test_what_was_posted_and_not_recorded_is_sent_again_with_the_same_ids(market: Market, receiver: Receiver) -> None:
    """A process dies between the posts of a batch and its record."""
    await market.webhook(receiver)
    await market.happens("a", "b", "c")
    never = asyncio.Event()
    dying = market.sender("dying")
    dying._records._work = lambda _attempts: never.wait()  # type: ignore[assignment,return-value]
    sending = [asyncio.create_task(dying.send(each)) for each in await dying.claim_some(10)]
    await until(lambda: len(receiver.received) == 3)
    for task in sending:
        task.cancel()
    await asyncio.gather(*sending, return_exceptions=True)
    assert await send_all(market.sender("heir")) == 0, "the leases are not over"
    await market.age(seconds=61)
    assert await send_all(market.sender("heir")) == 3
    assert sorted(each.message_id for each in receiver.received) == sorted(["msg_1_1", "msg_1_2", "msg_1_3"] * 2)
    assert {each.state for each in await market.deliveries()} == {"delivered"}


async def test_an_endless_receiver_keeps_nobody_from_being_recorded(
    market: Market, receiver: Receiver, other: Receiver
) -> None:
    go_on = asyncio.Event()

    async def slow(_request: Received) -> bytes:
        await go_on.wait()
        return OK

    receiver.replies = slow
    await market.webhook(receiver)
    await market.webhook(other, "emp_bolt")
    await market.happens("a", "b")
    await market.happens("c", "d", organisation_id="emp_bolt")
    sender = market.sender()
    claimed = await sender.claim_some(10)
    hanging = [asyncio.create_task(sender.send(each)) for each in claimed if each.webhook_id == "whk_1"]
    assert await send_together(sender, [each for each in claimed if each.webhook_id == "whk_2"]) == [None, None]
    assert [each.state for each in await market.deliveries("whk_2")] == ["delivered"] * 2
    assert [each.state for each in await market.deliveries("whk_1")] == ["pending"] * 2
    go_on.set()
    await asyncio.gather(*hanging)
    assert [each.state for each in await market.deliveries("whk_1")] == ["delivered"] * 2


async def test_room_is_shared_by_webhooks_and_none_has_more_than_it_may(market: Market, receiver: Receiver) -> None:
    for number in range(20):
        await market.webhook(receiver, f"emp_{number}")
        await market.happens("a", "b", "c", organisation_id=f"emp_{number}")
    await market.change("whk_1", state="paused")
    sender = market.sender(most=2)
    first = await sender.claim_some(30)
    assert len(first) == 30
    claimed = [*first, *await sender.claim_some(100)]
    counted = {f"whk_{n}": [each.subject for each in claimed if each.webhook_id == f"whk_{n}"] for n in range(1, 21)}
    assert counted.pop("whk_1") == ["a"], "one at a time while it is paused"
    assert all(sorted(subjects) == ["a", "b"] for subjects in counted.values())


@pytest.mark.cluster
async def test_a_webhook_that_is_locked_holds_up_no_others_record(
    new_database: Any, receiver: Receiver, other: Receiver
) -> None:
    """Guards: a request that changes a webhook and takes its time, with which every receiver's deliveries would wait."""
    store = Store(new_database("locked"))
    await create_tables(store, [each.metadata for each in (KitModel, FeedModel, DeliveryModel)])
    market = Market(store)
    await market.webhook(receiver)
    await market.webhook(other, "emp_bolt")
    await market.happens("a")
    await market.happens("b", organisation_id="emp_bolt")
    sender = market.sender()
    claimed = {each.webhook_id: each for each in await sender.claim_some(10)}
    async with store.transaction() as session:
        await lock_webhook(session, "whk_1")
        held = asyncio.create_task(sender.send(claimed["whk_1"]))
        await sender.send(claimed["whk_2"])
        assert [each.state for each in await market.deliveries("whk_2")] == ["delivered"]
        assert [each.state for each in await market.deliveries("whk_1")] == ["pending"]
    await held
    assert [each.state for each in await market.deliveries("whk_1")] == ["delivered"]
    await store.close()

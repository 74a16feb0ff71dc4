"""Receivers that fail, are slow or away: they are attempted again, held back, paused and disabled, and harm nobody else."""

import asyncio
from collections import Counter

from makersync.delivery.forgetting import forgetting_deliveries
from makersync.delivery.health import BREAKS_AFTER
from makersync.delivery.schedule import GAPS_S
from makersync.delivery.tables import AttemptRow
from makersync.delivery.window import WINDOW
from makersync.feed.entries import FeedWriter

from .conftest import ACME, Market, send_all
from .receiver import OK, Received, Receiver, answer, receiving, status, until


async def test_a_delivery_is_attempted_ten_times_and_has_then_failed(market: Market, receiver: Receiver) -> None:
    await market.webhook(receiver)
    await market.happens("a")
    receiver.replies = status(500)
    sender = market.sender()
    for gap in GAPS_S:
        await market.change(failures=0)
        assert await send_all(sender) == 1
        assert await send_all(sender) == 0
        [delivery] = await market.deliveries()
        await market.age(seconds=1.11 * 24 * 3600 if gap else 5.6)
    assert await send_all(sender) == 0
    [delivery] = await market.deliveries()
    assert (delivery.state, delivery.attempts) == ("failed", 10)
    assert len({each.message_id for each in receiver.received}) == 1
    assert await market.outcomes() == ["refused"] * 10


async def test_retry_after_holds_the_webhook_back(market: Market, receiver: Receiver) -> None:
    await market.webhook(receiver)
    await market.happens("a")
    receiver.replies = status(429, Retry_After="120")
    sender = market.sender()
    await send_all(sender)
    await market.happens("b")
    receiver.replies = lambda _: OK
    await market.age(seconds=100)
    assert await send_all(sender) == 0
    await market.age(seconds=21)
    assert await send_all(sender) == 2
    assert Counter(receiver.positions) == {1: 2, 2: 1}


async def test_retry_after_counts_whatever_an_attempt_at_the_same_time_comes_to(market: Market, receiver: Receiver) -> None:
    await market.webhook(receiver)
    await market.happens("a", "b")
    receiver.replies = lambda request: answer(429, Retry_After="120") if request.position == 1 else answer(500)
    await send_all(market.sender())
    await market.age(seconds=100)
    assert await send_all(market.sender()) == 0


async def test_410_disables_the_webhook_and_the_feed_says_so(market: Market, receiver: Receiver) -> None:
    await market.webhook(receiver)
    await market.happens("a", "a", "a")
    receiver.replies = status(410)
    assert await send_all(market.sender()) == 1
    await market.age(days=2)
    assert await send_all(market.sender()) == 0
    state = await market.state()
    assert (state.state, state.reason) == ("disabled", "gone")
    [notice] = await market.notices()
    assert (notice.type, notice.subject) == ("webhook.disabled", "whk_1")
    assert notice.data is not None and notice.data["reason"] == "gone"


async def test_a_failing_webhook_is_paused_probed_and_works_again(market: Market, receiver: Receiver) -> None:
    await market.webhook(receiver)
    await market.happens(*(f"s{n}" for n in range(30)))
    receiver.replies = status(500)
    sender = market.sender(most=4)
    attempts = await send_all(sender)
    assert BREAKS_AFTER <= attempts < BREAKS_AFTER + 4, "what was under way when it was paused is still counted"
    assert (await market.state()).state == "paused"
    [notice] = await market.notices()
    assert notice.type == "webhook.paused"
    assert notice.data is not None and {"failing_since", "disabled_at", "url"} <= set(notice.data)

    await market.age(minutes=5, seconds=1)
    assert await send_all(sender) == 1, "a probe"
    assert len(await market.notices()) == 1
    receiver.replies = lambda _: OK
    await market.age(minutes=5, seconds=1)
    assert await send_all(sender) == 31
    assert (await market.state()).state == "active"
    assert all(each.state == "delivered" for each in await market.deliveries())


async def test_a_webhook_that_fails_for_five_days_is_disabled_after_a_notice(market: Market, receiver: Receiver) -> None:
    await market.webhook(receiver)
    await market.happens(*(f"s{n}" for n in range(20)))
    receiver.replies = status(503)
    sender = market.sender()
    await send_all(sender)
    for _ in range(6):
        await market.age(days=1)
        await send_all(sender)
    assert [(each.type, (each.data or {})["reason"]) for each in await market.notices()] == [
        ("webhook.paused", "failing"),
        ("webhook.disabled", "failing"),
    ]
    before = len(receiver.received)
    receiver.replies = lambda _: OK
    await market.age(days=30)
    assert await send_all(sender) == 0
    assert len(receiver.received) == before


async def test_ten_thousand_entries_for_a_dead_webhook_cost_a_window_and_harm_nobody(
    market: Market, receiver: Receiver, other: Receiver
) -> None:
    async with receiving() as gone:
        await market.webhook(gone)
    await market.webhook(other, "emp_bolt")
    for start in range(0, 10_000, 2500):
        await market.happens(*(f"s{start + n}" for n in range(2500)))
    await market.happens("b1", "b2", "b3", organisation_id="emp_bolt")
    attempts = await send_all(market.sender())
    assert len(await market.deliveries()) == WINDOW
    assert sorted(other.positions, key=str) == [1, 2, 3]
    assert attempts <= 3 + BREAKS_AFTER + 4
    for _ in range(20):
        await market.age(minutes=6)
        await send_all(market.sender())
    assert len(await market.deliveries()) == WINDOW, "nothing more is made while nothing gets through"


async def test_a_slow_webhook_has_so_many_attempts_under_way_and_others_go_on(
    market: Market, receiver: Receiver, other: Receiver
) -> None:
    go_on = asyncio.Event()

    async def slow(_request: Received) -> bytes:
        await go_on.wait()
        return OK

    receiver.replies = slow
    await market.webhook(receiver)
    await market.webhook(other, "emp_bolt")
    await market.happens(*(f"s{n}" for n in range(20)))
    stop = asyncio.Event()
    running = [asyncio.create_task(market.sender(f"sender-{n}", most=3).run(stop)) for n in range(2)]
    await market.happens(*(f"b{n}" for n in range(20)), organisation_id="emp_bolt")
    await until(lambda: len(other.received) == 20)
    assert receiver.most_under_way == 3
    go_on.set()
    await until(lambda: len(receiver.received) == 20)
    stop.set()
    await asyncio.gather(*running)
    assert receiver.most_under_way == 3


async def test_the_log_keeps_the_first_kilobyte_of_what_was_answered(market: Market, receiver: Receiver) -> None:
    await market.webhook(receiver)
    await market.happens("a")
    receiver.replies = lambda _: answer(400, b"\xff\x00no " + b"x" * 5000)
    await send_all(market.sender())
    [attempt] = await market.rows(AttemptRow)
    assert (attempt.outcome, attempt.status) == ("refused", 400)
    assert attempt.answer.startswith("\ufffd\ufffdno xxx") and len(attempt.answer) == 1024


async def test_the_log_is_kept_as_long_as_the_feed_and_answers_no_longer_than_what_they_may_repeat(
    market: Market, receiver: Receiver
) -> None:
    await market.webhook(receiver)
    receiver.replies = lambda request: answer(200, request.body)
    await market.happens("stays", "goes")
    await send_all(market.sender())
    async with market.store.transaction() as session:
        await FeedWriter(session, market.clock).forget([(ACME, "goes")])
    sweep = forgetting_deliveries(market.store, market.clock, 30)
    assert await sweep() == 0
    answers = {each.delivery_id: each.answer for each in await market.rows(AttemptRow)}
    stays, goes = await market.deliveries()
    assert "stays" in (answers[stays.id] or "") and answers[goes.id] is None

    await market.happens("waits")
    await market.sender().claim_some(1)
    await market.age(days=31)
    assert await sweep() == 2
    assert [each.subject for each in await market.deliveries()] == ["waits"]
    assert await market.rows(AttemptRow) == []

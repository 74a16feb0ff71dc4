"""The log of attempts says what is true: one entry for each, with its outcome or with the word that nobody knows it."""

import asyncio
from collections.abc import Sequence

import pytest

from makersync.delivery.attempts import DeliveryAttempt
from makersync.delivery.log import DeliveryLog
from makersync.delivery.outcomes import Outcome
from makersync.delivery.recording import record
from makersync.delivery.tables import DeliveryRow
from makersync.errors import RetryLater

from .conftest import Market, send_all
from .mortal import Mortal
from .receiver import Receiver, status

SUBJECTS = ("a", "b", "c")


async def shown(market: Market, delivery: DeliveryRow) -> list[tuple[int | None, str]]:
    """What the organisation sees, the newest first."""
    async with market.store.reading() as session:
        log = DeliveryLog(session, await market.state(delivery.webhook_id))
        return [(each.number, each.outcome) for each in await log.attempts(await log.get(delivery.id))]


async def test_an_attempt_that_is_told_twice_is_kept_once(market: Market, receiver: Receiver) -> None:
    """Guards: an entry and a step of the schedule for each time that the answer to a commit is lost."""
    receiver.replies = status(500)
    await market.webhook(receiver)
    await market.happens("a")
    sender = market.sender()
    keep, lost = sender._records._work, iter([True, True])

    async def answers_late(attempts: Sequence[DeliveryAttempt]) -> Sequence[bool]:
        done = await keep(attempts)
        if next(lost, False):
            raise RetryLater("the database went away before it answered")
        return done

    sender._records._work = answers_late
    [claimed] = await sender.claim_some(1)
    await sender.send(claimed)
    [delivery] = await market.deliveries()
    assert (delivery.state, delivery.attempts, delivery.owner) == ("pending", 1, None)
    assert (await market.state()).failures == 1
    assert await shown(market, delivery) == [(1, "refused")]


async def test_an_attempt_under_way_is_shown_as_unknown(market: Market, receiver: Receiver) -> None:
    await market.webhook(receiver)
    await market.happens("a")
    sender = market.sender()
    [claimed] = await sender.claim_some(1)
    assert await shown(market, claimed) == [(1, "unknown")]
    await sender.send(claimed)
    assert await shown(market, claimed) == [(1, "delivered")]


async def test_what_a_stopped_sender_did_is_unknown_and_no_step_of_the_schedule(market: Market, receiver: Receiver) -> None:
    receiver.replies = status(500)
    await market.webhook(receiver)
    await market.happens("a")
    await market.sender("stopped").claim_some(1)
    await market.age(seconds=61)
    assert await send_all(market.sender("heir")) == 1
    [delivery] = await market.deliveries()
    assert await shown(market, delivery) == [(2, "refused"), (1, "unknown")]
    assert delivery.attempts == 1, "the next attempt is due after 5 seconds, not after 5 minutes"
    [unknown, _] = await market.log_of(delivery)
    assert unknown.duration_ms is None


async def test_who_tells_late_fills_in_the_own_entry(market: Market, receiver: Receiver) -> None:
    """Guards: a second entry for an attempt whose outcome was unknown for a while, and the heir's schedule."""
    await market.webhook(receiver)
    await market.happens("a")
    [late] = await market.sender("late").claim_some(1)
    await market.age(seconds=61)
    heir = market.sender("heir")
    [claimed] = await heir.claim_some(1)
    outcome = Outcome("refused", market.clock.now(), 70_000, 500)
    for _ in range(2):
        async with market.store.transaction() as session:
            await record(session, market.clock, [DeliveryAttempt(late, outcome)], market.sender()._parts.random)
        [delivery] = await market.deliveries()
        assert await shown(market, delivery) == [(2, "unknown"), (1, "refused")]
        assert (delivery.attempts, delivery.owner, (await market.state()).failures) == (0, "heir", 0)
    await heir.send(claimed)
    assert await shown(market, delivery) == [(2, "delivered"), (1, "refused")]


async def test_numbers_go_on_in_a_replay(market: Market, receiver: Receiver) -> None:
    await market.webhook(receiver)
    await market.happens("a")
    await send_all(market.sender())
    await market.change(replay_after=0, replay_to=1)
    await send_all(market.sender())
    [delivery] = await market.deliveries()
    assert delivery.attempts == 1
    assert await shown(market, delivery) == [(2, "delivered"), (1, "delivered")]


async def stop_one_at(market: Market, stops_at: int) -> bool:
    """Three attempts are recorded together, and the one that works for all is cancelled at its nth await. Returns whether it
    came to its end before."""
    before = len(await market.deliveries())
    await market.happens(*SUBJECTS)
    sender = market.sender(f"stopped-{stops_at}")
    claimed = await sender.claim_some(10)

    async def first() -> None:
        await Mortal(sender.send(claimed[0]), stops_at, _cancel)

    results = await asyncio.gather(first(), *map(sender.send, claimed[1:]), return_exceptions=True)
    assert results[1:] == [None, None], stops_at
    await market.age(seconds=61)
    await send_all(market.sender(f"heir-{stops_at}"))
    for delivery in (await market.deliveries())[before:]:
        log = await market.log_of(delivery)
        assert [each.number for each in log] == list(range(1, delivery.claim + 1)), stops_at
        assert [each.outcome for each in log] == ["unknown"] * (delivery.claim - 1) + ["delivered"], stops_at
        assert (delivery.state, delivery.attempts) == ("delivered", 1), stops_at
    return results[0] is None


def _cancel() -> None:
    task = asyncio.current_task()
    assert task is not None
    task.cancel()


@pytest.mark.parametrize("step", [pytest.param(5, id="some"), pytest.param(1, id="every", marks=pytest.mark.slow)])
async def test_whoever_is_stopped_while_it_records_for_others_makes_no_second_entries(
    market: Market, receiver: Receiver, step: int
) -> None:
    """Guards: outcomes of others that are recorded again when the task that has just committed them is cancelled."""
    await market.webhook(receiver)
    stops_at = 1
    while not await stop_one_at(market, stops_at):
        stops_at += step
    assert stops_at > 20

"""A sender may die at any step of its work: every entry arrives, in the order of its subject, with one id."""

import asyncio
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from typing import Any

import pytest

from makersync.delivery.tables import AttemptRow, DeliveryRow

from .conftest import Market, send_all
from .mortal import DIED, live, live_together
from .receiver import Receiver

ENTRIES = ("a", "a", "b")
PROCESSES: Any = get_context("forkserver")
PROCESSES.set_forkserver_preload(["shared.makersync.tests.delivery.mortal"])


Life = Callable[[str, str, int], None]


async def lives_on(life: Life, url: str, dies_at: int) -> bool:
    """Whether a process that sends comes to its end before its nth step."""
    process = PROCESSES.Process(target=life, args=(url, f"mortal-{dies_at}", dies_at))
    process.start()
    await asyncio.to_thread(process.join)
    assert process.exitcode in (0, DIED)
    return process.exitcode == 0


async def crash_at(market: Market, receiver: Receiver, life: Life, url: str, dies_at: int) -> bool:
    """One process dies, another finds what it has left. Returns whether the first one lived on instead."""
    receiver.received.clear()
    before = len(await market.deliveries())
    await market.happens(*ENTRIES)
    is_alive = await lives_on(life, url, dies_at)
    await market.age(minutes=2)
    await send_all(market.sender(f"heir-{dies_at}"))

    positions = range(before + 1, before + len(ENTRIES) + 1)
    assert {each.position: each.message_id for each in receiver.received} == {n: f"msg_1_{n}" for n in positions}, dies_at
    of_a = [each.position or 0 for each in receiver.received if each.message["data"]["subject"] == "a"]
    assert of_a == sorted(of_a), dies_at
    assert {each.state for each in await market.deliveries()} == {"delivered"}, dies_at
    for delivery in (await market.deliveries())[before:]:
        sent = sum(each.position == delivery.position for each in receiver.received)
        assert_true_log(delivery, await market.log_of(delivery), sent)
    return is_alive


def assert_true_log(delivery: DeliveryRow, log: Sequence[AttemptRow], sent: int) -> None:
    """Every attempt has one entry, of which one tells of the delivery, and whoever has died has told of none."""
    assert [each.number for each in log] == list(range(1, delivery.claim + 1))
    assert [each.outcome for each in log] == ["unknown"] * (delivery.claim - 1) + ["delivered"]
    assert delivery.attempts == 1, "the schedule knows of no attempt that nobody told of"
    assert 1 <= sent <= len(log)


@pytest.mark.parametrize("step", [pytest.param(23, id="some"), pytest.param(1, id="every", marks=pytest.mark.slow)])
@pytest.mark.timeout(1200)
async def test_a_crash_at_any_await_loses_nothing(market: Market, receiver: Receiver, database_url: str, step: int) -> None:
    await market.webhook(receiver)
    deaths = 0
    while not await crash_at(market, receiver, live, database_url, 1 + deaths * step):
        deaths += 1
    assert deaths * step > 50


@pytest.mark.parametrize("step", [pytest.param(7, id="some"), pytest.param(1, id="every", marks=pytest.mark.slow)])
@pytest.mark.timeout(1200)
async def test_a_crash_at_any_statement_of_a_batch_loses_nothing(
    market: Market, receiver: Receiver, database_url: str, step: int
) -> None:
    """Messages that were claimed together are read and recorded together."""
    await market.webhook(receiver)
    deaths = 0
    while not await crash_at(market, receiver, live_together, database_url, 1 + deaths * step):
        deaths += 1
    assert deaths * step > 20

"""DESIGN, exactly-once effects, 9: heavy work runs outside the event loop, which stays responsive."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from makersync.broker.memory import MemoryBroker
from makersync.clock import ManualClock, WallClock
from makersync.effects.auditor import Auditor
from makersync.effects.outbox import Outbox
from makersync.effects.owner import Owner
from makersync.telemetry import create_metrics
from matching.adapters.consuming.market import Counting, MarketWork
from matching.adapters.counting_gauges import CountingGauges
from matching.application.settling import BatchOutcome, PartitionMarket, RuleSet
from matching.domain.market.catalog import MarketCatalog
from matching.domain.market.policy import Policy
from reference.places import load_places
from shared.makersync.tests.effects.toy_stores import open_store
from shared.makersync.tests.effects.toy_world import write_identity
from shared.makersync.tests.effects.toys import LEFT, LEFT_HALF, NOW, REGIONS, outgoing, own_topics

PATIENCE_S = 20.0


class Gate:
    """Heavy work that lasts until the event loop opens the gate; on the loop itself it would never end."""

    def __init__(self) -> None:
        self._open, self.entered, self.passed = threading.Event(), threading.Event(), False

    def work(self, *_: Any) -> None:
        self.entered.set()
        self.passed = self._open.wait(PATIENCE_S)

    async def open_when_entered(self) -> None:
        while not self.entered.is_set():
            await asyncio.sleep(0.005)
        self._open.set()


@pytest.fixture
def gate() -> Gate:
    return Gate()


async def test_a_large_market_does_not_block_the_event_loop(gate: Gate) -> None:
    rules = RuleSet(MarketCatalog.of((), ()), 0, Policy())

    class Rules:
        async def look(self, at_once: bool = False) -> RuleSet:
            return rules

    class Drafts:
        def of(self, number: int) -> tuple[()]:
            return ()

    class Market(PartitionMarket):
        def apply(self, *news: Any) -> BatchOutcome:
            gate.work()
            return super().apply(*news)

    clock = WallClock()
    gauges, outbox = CountingGauges(create_metrics(), clock), Outbox("/matching", clock, 4)
    counting = Counting(Drafts(), gauges, 900.0)  # type: ignore[arg-type]
    work = MarketWork(0, Rules(), counting, clock, outbox)  # type: ignore[arg-type]
    work._market = Market((), rules, NOW.date(), load_places())
    await asyncio.gather(work.prepare([]), gate.open_when_entered())
    assert gate.passed


async def test_the_auditor_does_not_block_the_event_loop(gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, broker = await open_store(f"sqlite+aiosqlite:///{tmp_path / 'toy.sqlite'}"), MemoryBroker(ManualClock(NOW))
    await write_identity(broker, "log-1")
    broker.append([outgoing(LEFT_HALF, f"{REGIONS[0]}/ann", 1)])
    monkeypatch.setattr(Auditor, "_note_all", gate.work)
    auditor = Auditor(Owner("toys", store, ManualClock(NOW), create_metrics()), broker, own_topics("toys", LEFT))
    await asyncio.gather(auditor.step(0.0), gate.open_when_entered())
    assert gate.passed
    await store.close()

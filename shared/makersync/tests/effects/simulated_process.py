"""A process of the simulation, which crashes, pauses and fails, and the world that all of them share."""

from collections.abc import Awaitable, Callable
from random import Random

from makersync.broker.memory import MemoryBroker
from makersync.clock import ManualClock
from makersync.effects.auditor import Auditor
from makersync.effects.consumer import ConsumerLoop
from makersync.effects.owner import Owner
from makersync.effects.relay import Relay
from makersync.telemetry import create_metrics

from .chaos import Actor, Fate, Odds, ShakyBroker, ShakyStore
from .toys import NOW


class SimulatedWorld:
    """What all processes of a simulation share. `missed` are the dead members that the broker has yet to miss."""

    def __init__(self, seed: int, odds: Odds) -> None:
        self.rng = Random(seed)
        self.fate = Fate(self.rng, odds)
        self.clock = ManualClock(NOW)
        self.broker = MemoryBroker(self.clock)
        self.missed: list[object] = []


class SimulatedProcess:
    """The parts of one process; after a crash a new one with the same name takes its place."""

    def __init__(
        self, world: SimulatedWorld, name: str, url: str, step: Callable[["SimulatedProcess"], Awaitable[None]]
    ) -> None:
        self.world, self.name, self.url, self._step = world, name, url, step
        self.actor = Actor(name, world.fate, lambda _actor: step(self))
        self._born()

    def _born(self) -> None:
        self.store = ShakyStore(self.url, self.actor)
        self.broker = ShakyBroker(self.world.broker, self.actor, self.world.fate)
        self.owner = Owner(self.name, self.store, self.world.clock, create_metrics())
        self.relay: Relay | None = None
        self.auditor: Auditor | None = None
        self.loop: ConsumerLoop | None = None

    async def advance(self) -> None:
        await self.actor.advance()
        if self.actor.crashed:
            await self.end()
            self._born()

    async def end(self) -> None:
        """What the dead held is given away when the broker misses them."""
        if self.broker.member is not None:
            self.world.missed.append(self.broker.member)
        await self.store.close()

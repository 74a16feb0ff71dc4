"""Whole-service schedules: instances that join, die, stand still and come back while events, days and rules arrive."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from news import NOON, PARTITIONS, POLICY, News
from schedule_database import MOST_PROCESSES, Database
from sqlmodel import col, func, select
from turns import Died, Fate, PromptBroker, Turn

from contracts.topics import CATALOG, COHORT, DRAFT, LEARNER, OPENING, TOPICS
from makersync.broker.memory_clients import MemoryMember
from makersync.broker.port import Outgoing, TopicSpec
from makersync.clock import ManualClock
from makersync.effects.consumer import ConsumerLoop
from makersync.effects.fence import stored
from makersync.effects.lease import acquire
from makersync.effects.log_identity import KnownLog
from makersync.effects.outbox import Outbox
from makersync.effects.owner import Owner
from makersync.effects.pace import Pace
from makersync.effects.relay import Relay
from makersync.errors import Fenced
from makersync.runtime.service import Context
from makersync.settings import Settings
from makersync.store.tables import OutboxRow
from makersync.telemetry import Metrics
from matching.adapters.policy_tables import PolicyRow
from matching.bootstrap import definition
from matching.domain.market.policy import Policy

COMES_TO_REST_IN = 40
LEASE_S = 5.0
SETTINGS = Settings(partitions=PARTITIONS, reach_refresh=1)
NEVER_S = 1e9
INPUTS = (OPENING.name, LEARNER.name, COHORT.name, CATALOG.name, DRAFT.name)
PACE = Pace(batch_records=4, fetch_wait_s=0.0, retry_s=0.0, fenced_wait_s=1.0, replay_poll_s=NEVER_S)


@dataclass
class Chances:
    """What happens at a suspension: by odds from the seed, or one death at the `dies_at`-th of all. Counts them."""

    rng: Random
    stand: float = 0.0
    die: float = 0.0
    dies_at: int | None = None
    armed: bool = True
    seen: int = 0

    def draw(self, may_stand: bool) -> Fate:
        self.seen += self.armed
        if not self.armed:
            return Fate.GO_ON
        if self.dies_at is not None:
            return Fate.DIE if self.seen == self.dies_at else Fate.GO_ON
        throw = self.rng.random()
        if throw < self.die:
            return Fate.DIE
        return Fate.STAND if may_stand and throw < self.die + self.stand else Fate.GO_ON


class Instance:
    """One process of the service: its consumers, and a relay when it has the lease."""

    def __init__(self, name: str, world: "Schedule") -> None:
        self.name, self._world = name, world
        outbox = Outbox("/makersync/matching", world.clock, PARTITIONS)
        self._connections = world.database.take()
        self._store = self._connections.store
        context = Context(SETTINGS, self._store, world.clock, outbox, world.metrics)
        service = definition()
        self.owner = Owner(name, self._store, world.clock, world.metrics)
        consumers = service.consumers(context)
        self.loops = [ConsumerLoop(each, world.broker, self.owner, KnownLog("log", PARTITIONS), PACE) for each in consumers]
        self._periodic = {each.name: each for each in service.periodic(context)}
        self._next: dict[str, float] = {}
        self._turn: Turn | None = None
        self._relay: Relay | None = None

    @property
    def members(self) -> list[MemoryMember]:
        return [loop._member for loop in self.loops if isinstance(loop._member, MemoryMember)]

    @property
    def stands(self) -> bool:
        return self._turn is not None

    async def advance(self) -> None:
        """Begin a turn or go on with the one that stands. Raises Died."""
        self._turn = self._turn or Turn(self._work(), self._decide)
        try:
            is_done = await self._turn.advance()
        except Died:
            self._turn = None
            raise
        if is_done:
            self._turn = None

    async def end(self) -> None:
        """Nothing is finished, nothing handed over."""
        if self._turn is not None:
            await self._turn.abandon()
        self._world.database.give(self._connections)

    def _decide(self) -> Fate:
        """No process stands still with a transaction open: it would hold the only writer's lock, which no server allows."""
        assert self._store._one_writer is not None
        return self._world.chances.draw(may_stand=not self._store._one_writer.locked())

    async def _work(self) -> None:
        now = self._world.clock.monotonic()
        for each in self._periodic.values():
            if self._next.get(each.name, 0.0) <= now:
                self._next[each.name] = now + each.interval_s
                await each.step()
        for loop in self.loops:
            await loop._round_or_wait(asyncio.Event())
            assert loop.halted == {}, f"{self.name} halted: {loop.halted}"
        await self._publish()

    async def _publish(self) -> None:
        try:
            self._relay = self._relay or await self._lead()
            if self._relay is not None:
                await self._relay.publish_batch(100)
        except Fenced:
            self._relay = None

    async def _lead(self) -> Relay | None:
        async with self._store.transaction() as session:
            lease = await acquire(session, self._world.clock, "matching.relay", self.name, LEASE_S)
        return Relay(self.owner, self._world.broker, lease, LEASE_S, 1.0) if lease is not None else None


@dataclass
class Schedule:
    """One run of `events` things that happen, from a seed. After `run` everything is at rest."""

    database: Database
    seed: int
    chances: Chances
    events: int
    metrics: Metrics
    history: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng = Random(self.seed)
        self.news = News(Random(self.seed + 1))
        self.clock = ManualClock(NOON)
        self.broker = PromptBroker(self.clock)
        self._connections = self.database.take()
        self.store = self._connections.store
        self._born = 0
        self.instances: list[Instance] = []
        self._missed: list[MemoryMember] = []

    async def run(self) -> None:
        """Raises AssertionError when a partition halts, or when it does not come to rest."""
        self.database.empty()
        await self.broker.create_topics([TopicSpec(each.name, PARTITIONS if each.by_region else 1) for each in TOPICS])
        await self._apply(Policy.from_dict(POLICY))
        for credential in ("mill", "weld"):
            self.broker.append(self.news.definition(credential))
        for tell in (self.news.opening, self.news.learner) * 3:
            self.broker.append(tell())
        for _ in range(self.rng.choice([1, 1, 2, 3])):
            self._join()
        for _ in range(self.events):
            await self._step()
        await self._come_to_rest()

    async def close(self) -> None:
        for instance in self.instances:
            await instance.end()
        self.database.give(self._connections)

    async def _step(self) -> None:
        steps = [self._hear, self._work, self._broker_meddles, self._population, self._world_turns]
        await self.rng.choices(steps, [6, 14, 3, 2, 1])[0]()

    async def _hear(self) -> None:
        self.broker.append(self.news.something())

    async def _work(self) -> None:
        await self._advance(self.rng.choice(self.instances))

    async def _broker_meddles(self) -> None:
        """A copy comes late, and the broker notices dead processes."""
        records = [record for topic in INPUTS for record in self.broker.records(topic)]
        copy = self.rng.choice(records)
        self.history.append(f"again: {copy.key!r} of {copy.offset}")
        self.broker.append([Outgoing(copy.topic, copy.partition, copy.key or b"", copy.value)])
        self._miss()

    async def _population(self) -> None:
        if len(self.instances) == 1 or (len(self.instances) == 2 and self.rng.random() < 0.5):
            self._join()
        else:
            gone = self.rng.choice(self.instances)
            if not gone.stands:
                self.history.append(f"{gone.name} leaves")
                self.instances.remove(gone)
                for member in gone.members:
                    await member.close()
                await gone.end()

    async def _world_turns(self) -> None:
        if self.rng.random() < 0.5:
            await self._apply(self.news.next_policy())
        else:
            self.clock.move_to(self.clock.now() + timedelta(days=1))
            self.news.day = self.clock.today()
            self.history.append(f"it is {self.news.day}")

    def _join(self) -> None:
        self._born += 1
        self.instances.append(Instance(f"matching-{self._born}", self))

    async def _advance(self, instance: Instance) -> None:
        self.history.append(f"{instance.name} works on from suspension {self.chances.seen}")
        try:
            await instance.advance()
        except Died:
            self.history.append(f"{instance.name} died at suspension {self.chances.seen}")
            self._missed += instance.members
            self.instances.remove(instance)
            await instance.end()
            if not self.instances:
                self._join()
        if instance.stands:
            self.history.append(f"{instance.name} stands at suspension {self.chances.seen}")
            if len(self.instances) < MOST_PROCESSES and self.rng.random() < 0.6:
                await self._forsake(instance)

    async def _forsake(self, instance: Instance) -> None:
        """A process that stands still is thrown out of its groups, and another does its work before it wakes."""
        self.history.append(f"{instance.name} is thrown out")
        for member in instance.members:
            self.broker.expel(member)
        if all(other.stands for other in self.instances):
            self._join()
        for other in [each for each in self.instances if not each.stands] * 2:
            if other in self.instances:
                await self._advance(other)

    def _miss(self) -> None:
        for member in self._missed:
            self.broker.expel(member)
        self._missed.clear()

    async def _apply(self, policy: Policy) -> None:
        self.history.append(f"policy {policy.version}")
        async with self.store.transaction() as session:
            session.add(PolicyRow(version=policy.version, document=policy.to_dict(), applied_at=self.clock.now()))

    async def _come_to_rest(self) -> None:
        """Processes that stood still continue, those that were thrown out come back, and what is left is done."""
        self.chances.armed = self.chances.dies_at is not None
        quiet = 0
        for _ in range(COMES_TO_REST_IN):
            self.clock.move_to(self.clock.now() + timedelta(seconds=LEASE_S))
            self._miss()
            for instance in list(self.instances):
                await self._advance(instance)
                self._readmit(instance)
            quiet = quiet + 1 if await self._is_done() else 0
            if quiet == 2:
                return
        raise AssertionError("it does not come to rest")

    def _readmit(self, instance: Instance) -> None:
        present = [member for members in self.broker._groups.values() for member in members]
        for member in instance.members:
            if member not in present:
                self.broker.readmit(member)

    async def _is_done(self) -> bool:
        """Everything is read, nothing is due, everything is published."""
        held = [held for instance in self.instances for loop in instance.loops for held in loop.held.values()]
        if any(instance.stands for instance in self.instances) or any(each.due() for each in held):
            return False
        async with self.store.reading() as session:
            waiting = (await session.exec(select(func.count()).where(col(OutboxRow.published_at).is_(None)))).one()
            read: dict[tuple[str, int], int] = {}
            for consumer in ("matching.catalog", "matching.drafts", "matching.market"):
                read |= {
                    (topic, row.partition): n for row in await stored(session, consumer) for topic, n in row.offsets.items()
                }
        return waiting == 0 and self._is_read(read)

    def _is_read(self, read: Mapping[tuple[str, int], int]) -> bool:
        bounds = self.broker._bounds(INPUTS)
        return all(read.get((at.topic, at.partition), 0) == end for at, (_, end) in bounds.items())

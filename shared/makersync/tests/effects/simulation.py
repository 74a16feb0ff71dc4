"""A simulation: one service sets halves and two instances of another join them, with two relays and an auditor each, and all of
them crash, pause and fail at any point. In the end the result must be the same as without faults."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from makersync.broker.port import Outgoing, TopicPartition, TopicSpec
from makersync.effects.auditor import Auditor
from makersync.effects.consumer import ConsumerLoop, Reserve
from makersync.effects.consumer_port import Consumer
from makersync.effects.fence import stored
from makersync.effects.lease import acquire
from makersync.effects.log_identity import KnownLog
from makersync.effects.outbox import Outbox
from makersync.effects.pace import Pace
from makersync.effects.relay import Relay, unpublished
from makersync.effects.restored_store import RestorationWatch, was_restored
from makersync.errors import Fenced, RetryLater
from makersync.store.database import Store

from .chaos import Odds
from .simulated_process import SimulatedProcess, SimulatedWorld
from .simulation_outcome import Outcome
from .toy_services import READERS, Halves, JoinWork
from .toy_stores import open_store
from .toy_world import TTL_S
from .toys import (
    HALVES,
    LEFT,
    PAIR,
    PARTITIONS,
    REGIONS,
    RIGHT,
    own_topics,
    pass_time,
    toy_outbox,
)

STEPS = 260
#: Few keys, so that faults hit the same keys repeatedly.
KEYS = [f"{region}/{subject}" for region in REGIONS[:2] for subject in ("ann", "bob", "eve")]
SESSION_S = 4.0
COMES_TO_REST_IN = 60
GROUP = "pairs"


class Simulation:
    """`urls` are those of two empty databases, named `halves` and `pairs`."""

    def __init__(self, seed: int, urls: Mapping[str, str], odds: Odds) -> None:
        self.world = SimulatedWorld(seed, odds)
        self.rng, self.fate = self.world.rng, self.world.fate
        self.clock, self.broker = self.world.clock, self.world.broker
        self.poison: list[tuple[str, int, int]] = []
        self._urls = urls
        self._stores: dict[str, Store] = {}
        self._processes: list[SimulatedProcess] = []

    async def run(self) -> None:
        """Raises AssertionError if an effect was lost, duplicated or out of order."""
        await self._set_up()
        for _ in range(STEPS):
            await self.rng.choices([self._let_one_work, self._time_passes, self._the_broker_meddles], [20, 2, 1])[0]()
        await self._come_to_rest()
        async with self._stores["pairs"].reading() as session:
            assert not await was_restored(session), "nothing was restored, and a process said so"
        outcome = Outcome(self._stores["halves"], self._stores["pairs"], self.broker, KEYS, self.poison)
        await outcome.verify()

    async def close(self) -> None:
        for process in self._processes:
            await process.store.close()
        for store in self._stores.values():
            await store.close()

    async def _set_up(self) -> None:
        await self.broker.create_topics([TopicSpec(topic.name, 2) for topic in (LEFT, RIGHT, PAIR)])
        for name, url in self._urls.items():
            self._stores[name] = await open_store(url)
        self._add("front", "halves", self._set_a_half)
        for service in self._urls:
            self._add(f"{service}-relay-1", service, self._publish)
            self._add(f"{service}-relay-2", service, self._publish)
            self._add(f"{service}-auditor", service, self._audit)
        self._add("join-1", "pairs", self._join)
        self._add("join-2", "pairs", self._join)

    def _add(self, name: str, service: str, step: Callable[[SimulatedProcess], Awaitable[None]]) -> None:
        self._processes.append(SimulatedProcess(self.world, name, self._urls[service], step))

    # The steps of processes.

    async def _set_a_half(self, process: SimulatedProcess) -> None:
        halves = Halves(process.store, toy_outbox("halves", self.clock))
        with suppress(RetryLater):
            for _ in range(self.rng.randint(1, 4)):
                value = None if self.rng.random() < 0.15 else self.rng.randint(0, 9)
                await halves.set(self.rng.choice(list(HALVES)), self.rng.choice(KEYS), value)

    async def _publish(self, process: SimulatedProcess) -> None:
        try:
            relay = process.relay or await self._lead(process)
            if relay is not None:
                await relay.publish_batch(self.rng.randint(1, 6))
        except RetryLater:
            return
        except Fenced:
            process.relay = None

    async def _lead(self, process: SimulatedProcess) -> Relay | None:
        service = process.name.partition("-")[0]
        async with process.store.transaction() as session:
            lease = await acquire(session, self.clock, f"{service}.relay", process.name, TTL_S)
        process.relay = None if lease is None else Relay(process.owner, process.broker, lease, TTL_S, 10.0)  # type: ignore[arg-type]
        return process.relay

    async def _audit(self, process: SimulatedProcess) -> None:
        topics = [PAIR] if process.name.startswith("pairs") else [LEFT, RIGHT]
        process.auditor = process.auditor or Auditor(process.owner, process.broker, own_topics("toys", *topics))  # type: ignore[arg-type]
        with suppress(RetryLater):
            if self.rng.random() < 0.3:
                await process.auditor.begin_census()
            await process.auditor.step(0.0)

    async def _join(self, process: SimulatedProcess) -> None:
        if process.loop is None:
            outbox: Outbox = toy_outbox("pairs", self.clock)
            consumer = Consumer(GROUP, READERS, lambda number: JoinWork(number, outbox))
            pace = Pace(
                batch_records=self.rng.randint(2, 12), fetch_wait_s=0.0, retry_s=0.0, fenced_wait_s=3.0, replay_poll_s=5.0
            )
            watch = RestorationWatch(process.owner, process.broker, "pairs", "log-1")  # type: ignore[arg-type]
            known_log, reserve = KnownLog("log-1", PARTITIONS), Reserve(restorations=watch)
            process.loop = ConsumerLoop(consumer, process.broker, process.owner, known_log, pace, reserve)  # type: ignore[arg-type]
        await process.loop._round_or_wait(asyncio.Event())
        assert process.loop.halted == {}, process.loop.halted

    # Faults.

    async def _let_one_work(self) -> None:
        process = self.rng.choice(self._processes)
        if process.actor.is_paused and self.rng.random() < 0.7:
            return
        await process.advance()

    async def _time_passes(self) -> None:
        pass_time(self.clock, self.rng.choice([0.5, 1.0, SESSION_S, TTL_S]))
        members = [member for group in self.broker._groups.values() for member in group]
        for process in self._processes:
            member = process.broker.member
            if member is None:
                continue
            if process.actor.is_paused and member in members and self.rng.random() < 0.5:
                self.fate.note(f"{process.name}: thrown out of its group")
                self.broker.expel(member)
            elif not process.actor.is_paused and member not in members:
                self.broker.readmit(member)
        self._miss_the_dead()

    async def _the_broker_meddles(self) -> None:
        """An old connection delivers late, a foreign process writes an unreadable record, or a transaction leaves its
        marker."""
        topic = self.rng.choice([LEFT, RIGHT, PAIR])
        if self.rng.random() < 0.2:
            self.broker.leave_gap(TopicPartition(topic.name, self.rng.randint(0, 1)))
            return
        records = self.broker.records(topic.name)
        if records and self.rng.random() < 0.7:
            twin = self.rng.choice(records)
            if twin.value is not None and twin.value.startswith(b"{"):
                self.fate.note(f"a late twin of {topic.name} {twin.partition} {twin.offset}")
                self.broker.append([Outgoing(twin.topic, twin.partition, twin.key or b"", twin.value)])
        elif topic is not PAIR:
            place = TopicPartition(topic.name, self.rng.randint(0, 1))
            _, end = (await self.broker.bounds([topic.name]))[place]
            self.broker.append([Outgoing(place.topic, place.partition, b"whose", b"garbage")])
            self.poison.append((place.topic, place.partition, end))

    def _miss_the_dead(self) -> None:
        for member in self.world.missed:
            self.broker.expel(member)  # type: ignore[arg-type]
        self.world.missed.clear()

    async def _come_to_rest(self) -> None:
        self.fate.armed = False
        self.fate.note("from here on nothing happens any more")
        for _ in range(COMES_TO_REST_IN):
            pass_time(self.clock, TTL_S)
            await self._time_passes()
            before = await self._traces()
            for process in self._processes:
                if process.name != "front" or process.actor.is_paused:
                    await process.advance()
            if not any(p.actor.is_paused for p in self._processes) and before == await self._traces() and await self._is_done():
                return
        raise AssertionError(f"it has not come to rest: {await self._traces()}")

    async def _traces(self) -> list[object]:
        waiting = []
        for store in self._stores.values():
            async with store.reading() as session:
                waiting.append(await unpublished(session))
        return [waiting, [len(self.broker.records(topic.name)) for topic in (LEFT, RIGHT, PAIR)]]

    async def _is_done(self) -> bool:
        """Whether no event waits, every census is over, and all records were read."""
        waiting, _ = await self._traces()
        auditors = [process.auditor for process in self._processes if process.auditor is not None]
        bounds = await self.broker.bounds([LEFT.name, RIGHT.name])
        async with self._stores["pairs"].reading() as session:
            read = {row.partition: row.offsets for row in await stored(session, GROUP)}
        return (
            waiting == [0, 0]
            and len(auditors) == 2
            and not any(auditor.is_counting for auditor in auditors)
            and all(read.get(at.partition, {}).get(at.topic, 0) == end for at, (_, end) in bounds.items())
        )

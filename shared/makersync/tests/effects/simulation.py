"""A simulation: one service sets halves and two instances of another join them, with two relays and an auditor each, and all of
them crash, pause and fail at any point. In the end the result must be the same as without faults."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from random import Random

from sqlmodel import col, select

from makersync.broker.memory import MemoryBroker
from makersync.broker.port import Outgoing, TopicPartition, TopicSpec
from makersync.clock import ManualClock
from makersync.effects.auditor import Auditor
from makersync.effects.consumer import ConsumerLoop
from makersync.effects.consumer_port import Consumer
from makersync.effects.fence import stored
from makersync.effects.lease import acquire
from makersync.effects.log_identity import KnownLog
from makersync.effects.outbox import Outbox
from makersync.effects.owner import Owner
from makersync.effects.pace import Pace
from makersync.effects.relay import Relay, unpublished
from makersync.envelope import Unreadable, decode
from makersync.errors import Fenced, RetryLater
from makersync.store.database import Store
from makersync.store.tables import DeadLetterRow
from makersync.telemetry import create_metrics
from makersync.topic import Topic

from .chaos import Actor, Fate, Odds, ShakyBroker, ShakyStore
from .toy_services import READERS, Halves, JoinWork
from .toy_stores import HalfRow, LedgerRow, PairRow, open_store
from .toy_world import TTL_S
from .toys import (
    HALVES,
    LEFT,
    LEFT_HALF,
    NOW,
    PAIR,
    PARTITIONS,
    REGIONS,
    RIGHT,
    RIGHT_HALF,
    last_of_each_key,
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


class Process:
    """The parts of one process; after a crash a new one with the same name takes its place."""

    def __init__(self, world: "Simulation", name: str, url: str, step: Callable[["Process"], Awaitable[None]]) -> None:
        self.world, self.name, self.url, self._step = world, name, url, step
        self.actor = Actor(name, world.fate, lambda _actor: step(self))
        self.paused_at: float | None = None
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


class Simulation:
    """`urls` are those of two empty databases, named `halves` and `pairs`."""

    def __init__(self, seed: int, urls: Mapping[str, str], odds: Odds) -> None:
        self.rng = Random(seed)
        self.fate = Fate(self.rng, odds)
        self.clock = ManualClock(NOW)
        self.broker = MemoryBroker(self.clock)
        self.missed: list[object] = []
        self.poison: list[tuple[str, int, int]] = []
        self._urls = urls
        self._stores: dict[str, Store] = {}
        self._processes: list[Process] = []

    async def run(self) -> None:
        """Raises AssertionError if an effect was lost, duplicated or out of order."""
        await self._set_up()
        for _ in range(STEPS):
            await self.rng.choices([self._let_one_work, self._time_passes, self._the_broker_meddles], [20, 2, 1])[0]()
        await self._come_to_rest()
        await self._verify()

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

    def _add(self, name: str, service: str, step: Callable[[Process], Awaitable[None]]) -> None:
        self._processes.append(Process(self, name, self._urls[service], step))

    # The steps of processes.

    async def _set_a_half(self, process: Process) -> None:
        halves = Halves(process.store, toy_outbox("halves", self.clock))
        with suppress(RetryLater):
            for _ in range(self.rng.randint(1, 4)):
                value = None if self.rng.random() < 0.15 else self.rng.randint(0, 9)
                await halves.set(self.rng.choice(list(HALVES)), self.rng.choice(KEYS), value)

    async def _publish(self, process: Process) -> None:
        try:
            relay = process.relay or await self._lead(process)
            if relay is not None:
                await relay.publish_batch(self.rng.randint(1, 6))
        except RetryLater:
            return
        except Fenced:
            process.relay = None

    async def _lead(self, process: Process) -> Relay | None:
        service = process.name.partition("-")[0]
        async with process.store.transaction() as session:
            lease = await acquire(session, self.clock, f"{service}.relay", process.name, TTL_S)
        process.relay = None if lease is None else Relay(process.owner, process.broker, lease, TTL_S, 10.0)  # type: ignore[arg-type]
        return process.relay

    async def _audit(self, process: Process) -> None:
        topics = [PAIR] if process.name.startswith("pairs") else [LEFT, RIGHT]
        process.auditor = process.auditor or Auditor(process.owner, process.broker, own_topics("toys", *topics))  # type: ignore[arg-type]
        with suppress(RetryLater):
            if self.rng.random() < 0.3:
                await process.auditor.begin_census()
            await process.auditor.step(0.0)

    async def _join(self, process: Process) -> None:
        if process.loop is None:
            outbox: Outbox = toy_outbox("pairs", self.clock)
            consumer = Consumer(GROUP, READERS, lambda number: JoinWork(number, outbox))
            pace = Pace(
                batch_records=self.rng.randint(2, 12), fetch_wait_s=0.0, retry_s=0.0, fenced_wait_s=3.0, replay_poll_s=5.0
            )
            process.loop = ConsumerLoop(consumer, process.broker, process.owner, KnownLog("log-1", PARTITIONS), pace)  # type: ignore[arg-type]
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
        for member in self.missed:
            self.broker.expel(member)  # type: ignore[arg-type]
        self.missed.clear()

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

    # Invariants at the end.

    async def _verify(self) -> None:
        halves, pairs = await self._halves(), await self._pairs()
        self._verify_join(halves, pairs)
        await self._verify_ledger(halves)
        for side, topic in ((LEFT_HALF, LEFT), (RIGHT_HALF, RIGHT)):
            versions = {key: row.version for (where, key), row in halves.items() if where == side}
            self._verify_log(topic, versions)
        self._verify_log(PAIR, {key: row.version for key, row in pairs.items()})
        await self._verify_dead_letters()

    async def _halves(self) -> dict[tuple[str, str], HalfRow]:
        async with self._stores["halves"].reading() as session:
            return {(row.side, row.key): row for row in (await session.exec(select(HalfRow))).all()}

    async def _pairs(self) -> dict[str, PairRow]:
        async with self._stores["pairs"].reading() as session:
            return {row.key: row for row in (await session.exec(select(PairRow))).all()}

    def _verify_join(self, halves: dict[tuple[str, str], HalfRow], pairs: dict[str, PairRow]) -> None:
        def value(side: str, key: str) -> int | None:
            return halves[side, key].value if (side, key) in halves else None

        wanted = {key: (value(LEFT_HALF, key), value(RIGHT_HALF, key)) for key in KEYS}
        found = {key: (pairs[key].left, pairs[key].right) if key in pairs else (None, None) for key in KEYS}
        assert found == wanted, "the join does not equal the batch join of the halves"

    async def _verify_ledger(self, halves: dict[tuple[str, str], HalfRow]) -> None:
        async with self._stores["pairs"].reading() as session:
            rows = (await session.exec(select(LedgerRow).order_by(col(LedgerRow.id)))).all()
        for side, key in halves:
            effects = [row.version for row in rows if (row.side, row.key) == (side, key)]
            wanted = list(range(1, halves[side, key].version + 1))
            assert effects == wanted, f"effects of {side} {key} were lost, doubled or out of order"

    def _verify_log(self, topic: Topic, newest: dict[str, int]) -> None:
        records = [record for record in self.broker.records(topic.name) if _is_event(record.value)]
        assert last_of_each_key(records) == newest, f"{topic.name} does not end with the newest versions"
        for key in newest:
            told = [decode(record.value) for record in records if record.key == key.encode()]
            firsts = _distinct(event.version for event in told)
            assert firsts == list(range(1, newest[key] + 1)), f"{topic.name} {key} was not told in order"
            ids = {(event.version, event.id) for event in told}
            assert len(ids) == len(firsts), f"{topic.name} {key}: two events of one version"

    async def _verify_dead_letters(self) -> None:
        async with self._stores["pairs"].reading() as session:
            rows = (await session.exec(select(DeadLetterRow))).all()
        assert sorted((row.topic, row.partition, row.offset) for row in rows) == sorted(self.poison)


def _is_event(value: bytes | None) -> bool:
    try:
        decode(value)
    except Unreadable:
        return False
    return True


def _distinct(versions: Iterable[int]) -> list[int]:
    """The distinct items, in the order of their first occurrence."""
    return list(dict.fromkeys(versions))

"""Processes that crash, pause and lose their connections at critical places, as a seed determines.

One actor runs at a time, until its step is done, it has crashed, or it is paused, so a seed always produces the same run.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from random import Random

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.memory import MemoryBroker
from makersync.broker.memory_clients import MemoryMember, MemoryProducer, MemoryTail
from makersync.broker.port import Assignment, BrokerAway, Outgoing, Progress, Record, TopicPartition
from makersync.store.database import DatabaseAway, Store


@dataclass(frozen=True, slots=True)
class Odds:
    """The probability of each fault at each place where it can happen."""

    crash: float = 0.010
    pause: float = 0.015
    failure: float = 0.010


class Fate:
    """Draws what happens at the next place from the seed. `history` is what has happened so far."""

    def __init__(self, rng: Random, odds: Odds) -> None:
        self._rng, self._odds = rng, odds
        self.armed = True
        self.history: list[str] = []

    def draw(self) -> str:
        if not self.armed:
            return "go on"
        choices = {"crash": self._odds.crash, "pause": self._odds.pause, "fail": self._odds.failure}
        throw = self._rng.random()
        for fate, odds in choices.items():
            if throw < odds:
                return fate
            throw -= odds
        return "go on"

    def prefix(self, count: int) -> int:
        return self._rng.randint(0, count)

    def note(self, what: str) -> None:
        self.history.append(what)


class Actor:
    """A process of the simulation. `advance` lets it run until its step has ended or it is paused."""

    def __init__(self, name: str, fate: Fate, step: Callable[["Actor"], Awaitable[None]]) -> None:
        self.name, self._fate, self._step = name, fate, step
        self._task: asyncio.Task[None] | None = None
        self._stands, self._resume = asyncio.Event(), asyncio.Event()
        self.crashed = False

    @property
    def is_paused(self) -> bool:
        return self._task is not None

    async def advance(self) -> None:
        self._stands.clear()
        self.crashed = False
        if self._task is None:
            self._task = asyncio.ensure_future(self._step(self))
        self._resume.set()
        standing = asyncio.create_task(self._stands.wait())
        await asyncio.wait({self._task, standing}, return_when=asyncio.FIRST_COMPLETED)
        standing.cancel()
        if self._task.done():
            task, self._task = self._task, None
            self.crashed = task.cancelled()
            if not task.cancelled():
                task.result()

    async def place(self, where: str, failure: Exception, may_pause: bool = True, may_fail: bool = True) -> None:
        """Somewhere in the midst of things: the process may die, stand still for a while, or meet with a failure here."""
        fate = self._fate.draw()
        if fate == "go on" or (fate == "pause" and not may_pause) or (fate == "fail" and not may_fail):
            return
        self._fate.note(f"{self.name}: {fate} {where}")
        if fate == "crash":
            raise asyncio.CancelledError
        if fate == "fail":
            raise failure
        self._resume.clear()
        self._stands.set()
        await self._resume.wait()


class ShakyStore(Store):
    """A process's own connections to a shared database, with faults."""

    def __init__(self, url: str, actor: Actor) -> None:
        super().__init__(url, pool_size=2)
        self._actor = actor

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        async with self._shaken(super().transaction()) as session:
            yield session

    @asynccontextmanager
    async def unnoticed(self) -> AsyncIterator[AsyncSession]:
        async with self._shaken(super().unnoticed()) as session:
            yield session

    @asynccontextmanager
    async def _shaken(self, transaction: AbstractAsyncContextManager[AsyncSession]) -> AsyncIterator[AsyncSession]:
        away = DatabaseAway("simulated")
        await self._actor.place("before a transaction", away)
        async with transaction as session:
            yield session
            # No pause here: it would block the only writer, and PostgreSQL would end the session.
            await self._actor.place("before the commit", away, may_pause=False)
        await self._actor.place("after the commit", away)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        await self._actor.place("before reading", DatabaseAway("simulated"))
        async with super().reading() as session:
            yield session


class ShakyBroker:
    """A process's own connections to a shared in-memory broker, with faults."""

    def __init__(self, shared: MemoryBroker, actor: Actor, fate: Fate) -> None:
        self._shared, self._actor, self._fate = shared, actor, fate
        self.member: MemoryMember | None = None

    async def producer(self) -> "ShakyProducer":
        return ShakyProducer(await self._shared.producer(), self._actor, self._fate)

    async def join(self, group: str, topics: Sequence[str]) -> "ShakyMember":
        self.member = await self._shared.join(group, topics)
        return ShakyMember(self.member, self._actor)

    async def tail(self, topics: Sequence[str]) -> MemoryTail:
        await self._actor.place("before tailing", BrokerAway("simulated"))
        return await self._shared.tail(topics)

    async def bounds(self, topics: Sequence[str]) -> Mapping[TopicPartition, tuple[int, int]]:
        await self._actor.place("before asking for bounds", BrokerAway("simulated"))
        return await self._shared.bounds(topics)

    async def progress(self, group: str) -> Mapping[TopicPartition, Progress]:
        """Others may commit and note more before the store is read."""
        noted = await self._shared.progress(group)
        await self._actor.place("after asking for progress", BrokerAway("simulated"))
        return noted

    def __getattr__(self, name: str) -> object:
        return getattr(self._shared, name)


class ShakyProducer:
    def __init__(self, producer: MemoryProducer, actor: Actor, fate: Fate) -> None:
        self._producer, self._actor, self._fate = producer, actor, fate

    async def publish(self, records: Sequence[Outgoing], deadline_s: float) -> None:
        """It may die or fail before anything was written, after a part was, or after everything was."""
        doubt = BrokerAway("simulated")
        await self._actor.place("before publishing", doubt)
        first = self._fate.prefix(len(records))
        await self._producer.publish(records[:first], deadline_s)
        await self._actor.place("while publishing", doubt)
        await self._producer.publish(records[first:], deadline_s)
        await self._actor.place("after publishing", doubt)

    async def close(self) -> None:
        await self._producer.close()


class ShakyMember:
    def __init__(self, member: MemoryMember, actor: Actor) -> None:
        self._member, self._actor = member, actor

    def assignment(self) -> Assignment:
        return self._member.assignment()

    async def seek(self, partition: TopicPartition, offset: int) -> None:
        await self._actor.place("before a seek", BrokerAway("simulated"))
        await self._member.seek(partition, offset)

    def pause(self, partition: TopicPartition) -> None:
        self._member.pause(partition)

    async def fetch(self, max_records: int, timeout_s: float) -> Mapping[TopicPartition, Sequence[Record]]:
        await self._actor.place("before a fetch", BrokerAway("simulated"))
        fetched = await self._member.fetch(max_records, timeout_s)
        await self._actor.place("between fetch and work", BrokerAway("simulated"), may_fail=False)
        return fetched

    def position(self, partition: TopicPartition) -> int:
        return self._member.position(partition)

    def behind(self, offsets: Mapping[TopicPartition, int]) -> int:
        return self._member.behind(offsets)

    async def note_progress(self, progress: Mapping[TopicPartition, Progress]) -> None:
        await self._member.note_progress(progress)
        await self._actor.place("between two partitions", BrokerAway("simulated"), may_fail=False)

    async def close(self) -> None:
        await self._member.close()

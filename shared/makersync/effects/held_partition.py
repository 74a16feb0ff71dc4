"""One partition number that this process owns: its state, its hold on the fence, and its dead letters."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Self

import structlog

from makersync.broker.port import Record
from makersync.effects.consumer_port import Consumer, PartitionWork
from makersync.effects.dead_letters import DeadLetters, Poison, Subject
from makersync.effects.fence import Hold, advance, take
from makersync.effects.owner import Owner
from makersync.effects.reading import Reading, Received
from makersync.envelope import Unreadable

log = structlog.get_logger(__name__)
#: Reading more takes so long that the loop must not wait for it.
READ_AT_ONCE = 64


class Halted(Exception):
    """More dead letters than an operator can have meant: the partition waits for one."""


class HeldPartition:
    """From assignment to loss. After any error from `process` it must be thrown away: its state may be ahead."""

    def __init__(self, consumer: Consumer, owner: Owner, work: PartitionWork, dead_letters: DeadLetters, hold: Hold) -> None:
        self._consumer, self._work, self._dead_letters = consumer, work, dead_letters
        self._store, self._metrics = owner.store, owner.metrics
        self._open: dict[Subject, int] = {}
        self.hold = hold

    @classmethod
    async def take(cls, consumer: Consumer, number: int, owner: Owner, dead_letters: DeadLetters) -> Self:
        """Raise the epoch first and load the state after, so that no earlier owner can change what was loaded."""
        async with owner.store.transaction() as session:
            hold = await take(session, consumer.name, number, owner.name)
        held = cls(consumer, owner, consumer.work(number), dead_letters, hold)
        async with owner.store.reading() as session:
            held._open = await dead_letters.open_subjects(session, number)
            await held._work.load(session, hold)
        return held

    @property
    def number(self) -> int:
        return self.hold.partition

    def due(self) -> bool:
        return self._work.due(self.hold.standing)

    def not_noted(self, reached: Mapping[str, int]) -> Mapping[str, int]:
        """What of the positions that were reached is beyond the stored ones."""
        return {topic: offset for topic, offset in reached.items() if offset > self.hold.offsets.get(topic, 0)}

    async def process(
        self, records: Sequence[Record], limit: int, behind: int = 0, reached: Mapping[str, int] = MappingProxyType({})
    ) -> None:
        """Apply the records: effects, events, dead letters and offsets in one transaction, or nothing.

        `behind` are known to wait after them. `reached` are the positions after them: past what holds no record. Raises Fenced,
        RetryLater, and Halted once `limit` dead letters of this partition are open: everything before the record that is one
        too many has then been processed, and it and what follows wait.
        """
        room = limit - sum(self._open.values())
        if len(records) > READ_AT_ONCE:
            batch, poison, stopped_at = await asyncio.to_thread(self._read, records, room)
        else:
            batch, poison, stopped_at = self._read(records, room)
        done = records if stopped_at is None else records[:stopped_at]
        if done or not records:
            offsets = {record.topic: record.offset + 1 for record in done}
            if stopped_at is None:
                offsets |= {topic: offset for topic, offset in reached.items() if offset > offsets.get(topic, 0)}
            await self._apply(batch, poison, self.not_noted(offsets), behind)
        if stopped_at is not None:
            raise Halted(f"{limit} dead letters are open; see `makersync dead-letters list`, then resume")

    async def note(self, reached: Mapping[str, int]) -> None:
        """Store positions past what holds no record, so that whoever compares them with the end sees that all was read."""
        async with self._store.transaction() as session:
            self.hold = await advance(session, self.hold, reached, self.hold.standing)

    async def replay(self) -> int:
        """Read again what an operator has requested; returns how many were understood this time.

        The event keeps its id and its version, so one that was superseded in the meantime changes nothing.
        """
        async with self._store.reading() as session:
            rows = await self._dead_letters.requested(session, self.number)
        understood = 0
        for row in rows:
            record = Record(row.topic, row.partition, row.offset, row.key, row.payload, 0)
            batch, poison, _ = self._read([record], 1)
            prepared = await self._work.prepare(batch)
            async with self._store.transaction() as session:
                await advance(session, self.hold, {}, self.hold.standing)
                await self._dead_letters.settle(session, row.id or 0, poison[0] if poison else None)
                standing = await self._work.write(session, prepared, self.hold.standing)
                self.hold = await advance(session, self.hold, {}, standing)
                self._open = await self._dead_letters.open_subjects(session, self.number)
            understood += len(batch)
        return understood

    def _read(self, records: Sequence[Record], room: int) -> tuple[list[Received[Reading]], list[Poison], int | None]:
        batch: list[Received[Reading]] = []
        poison: list[Poison] = []
        for index, record in enumerate(records):
            try:
                batch.append(self._consumer.readers[record.topic].read(record))
            except Unreadable as error:
                if len(poison) >= room:
                    return batch, poison, index
                poison.append(Poison.of(record, error))
        return batch, poison, None

    async def _apply(
        self, batch: list[Received[Reading]], poison: list[Poison], offsets: Mapping[str, int], behind: int
    ) -> None:
        prepared = await self._work.prepare(batch, behind)
        superseded = self._superseded(batch, poison)
        async with self._store.transaction() as session:
            moved = await advance(session, self.hold, offsets, self.hold.standing)
            await self._dead_letters.set_aside(session, poison)
            if superseded:
                await self._dead_letters.supersede(session, self.number, superseded)
            standing = await self._work.write(session, prepared, self.hold.standing)
            if standing != moved.standing:
                moved = await advance(session, self.hold, offsets, standing)
            if poison or superseded:
                self._open = await self._dead_letters.open_subjects(session, self.number)
        self.hold = moved
        self._account(batch, poison)

    def _superseded(self, batch: Sequence[Received[Reading]], poison: Sequence[Poison]) -> list[Subject]:
        """Subjects whose dead letters, old or of this batch, all come before a valid event of theirs."""
        last_valid = {_subject(received.record): received.record.offset for received in batch}
        last_poison = {_subject(each.record): each.record.offset for each in poison}
        dead = self._open.keys() | last_poison.keys()
        return [subject for subject, offset in last_valid.items() if subject in dead and offset > last_poison.get(subject, -1)]

    def _account(self, batch: Sequence[Received[Reading]], poison: Sequence[Poison]) -> None:
        for each in poison:
            self._metrics.dead_letters.labels(self._consumer.name, each.reason).inc()
            log.warning(
                "dead_letter",
                consumer=self._consumer.name,
                topic=each.record.topic,
                partition=each.record.partition,
                offset=each.record.offset,
                reason=each.reason,
            )
        for kind, count in Counter(received.kind for received in batch).items():
            self._metrics.events_consumed.labels(kind).inc(count)


def _subject(record: Record) -> Subject:
    return record.topic, record.key

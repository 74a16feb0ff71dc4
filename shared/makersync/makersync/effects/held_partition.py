"""A partition number that this process owns: its state, its hold on the fence, and its dead letters."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Self

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.port import Record
from makersync.effects.batch_reading import BatchReader, ReadBatch
from makersync.effects.consumer_port import Consumer, PartitionWork
from makersync.effects.dead_letter_rate import DeadLetterRate, Tolerance
from makersync.effects.dead_letters import DeadLetters, Later, Poison, Subject, record_of, subject_of
from makersync.effects.fence import Hold, advance, take
from makersync.effects.halts import WHOLE, Halt, halts_of, lift_halt, record_halt
from makersync.effects.log_identity import KnownLog
from makersync.effects.owner import Owner
from makersync.effects.reading import Received
from makersync.effects.restored_store import RestorationWatch
from makersync.store.tables import DeadLetterRow
from makersync.tracing import current_trace, traced

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class PartitionSetup:
    """What every partition number of a consumer shares. `tolerance` says how many dead letters halt a topic; `restorations`
    is for services with feeds."""

    consumer: Consumer
    owner: Owner
    log: KnownLog
    tolerance: Tolerance
    restorations: RestorationWatch | None = None


class HeldPartition:
    """The partition from assignment until it is lost. After any error from `process` it must be discarded, because its state
    may be ahead of the database.

    `halts` are the halted topics; the others continue. The dead letter rates, by topic, are passed in and outlive the instance,
    so that reloading the state does not reset them.
    """

    def __init__(self, setup: PartitionSetup, work: PartitionWork, hold: Hold, rates: dict[str, DeadLetterRate]) -> None:
        owner, self._consumer, self._work, self._tolerance = setup.owner, setup.consumer, work, setup.tolerance
        self._store, self._metrics, self._clock = owner.store, owner.metrics, owner.clock
        self._dead_letters = DeadLetters(setup.consumer.name, setup.log.id, owner.clock)
        self._batch_reader = BatchReader(setup.consumer, work, owner.store, setup.log.partitions)
        self._rates = rates
        self._open: dict[Subject, int] = {}
        self.halts: dict[str, Halt] = {}
        #: Whether the whole partition number was halted in the database when it was taken.
        self.stood_still = False
        self.hold = hold

    @classmethod
    async def take(
        cls, setup: PartitionSetup, number: int, rates: dict[str, DeadLetterRate], after: Hold | None = None
    ) -> Self:
        """Raise the epoch, then load the state, so that no earlier owner can change what was loaded.

        With `after`, raises Fenced if another owner has taken the partition since that hold.
        """
        consumer, store = setup.consumer, setup.owner.store
        async with store.transaction() as session:
            hold = await take(session, consumer.name, number, setup.owner.name, after)
        held = cls(setup, consumer.work(number), hold, rates)
        async with store.reading() as session:
            held._open = await held._dead_letters.open_subjects(session, number)
            held.halts = dict(await halts_of(session, consumer.name, number))
            await held._work.load(session, hold)
        held.stood_still = held.halts.pop(WHOLE, None) is not None
        return held

    @property
    def number(self) -> int:
        return self.hold.partition

    def due(self) -> bool:
        return self._work.due(self.hold.standing)

    def not_noted(self, reached: Mapping[str, int]) -> Mapping[str, int]:
        """The positions of `reached` that are beyond the stored offsets."""
        return {topic: offset for topic, offset in reached.items() if offset > self.hold.offsets.get(topic, 0)}

    async def process(
        self, records: Sequence[Record], behind: int = 0, reached: Mapping[str, int] = MappingProxyType({})
    ) -> None:
        """Apply the records: effects, events, dead letters and offsets are committed in one transaction, or not at all.

        `behind` is the number of records known to wait after these; `reached` are the read positions after them, including gaps
        without records. A topic with too many dead letters halts, and its records wait from the first one over the limit on.
        Raises Fenced and RetryLater.
        """
        records = [record for record in records if record.topic not in self.halts]
        sifted = await self._batch_reader.read(records, self._open)
        too_many = self._too_many(records, sifted)
        waiting = frozenset(place for place, record in enumerate(records) if place >= too_many.get(record.topic, len(records)))
        offsets = {record.topic: record.offset + 1 for place, record in enumerate(records) if place not in waiting}
        for topic, offset in reached.items():
            if topic not in too_many and topic not in self.halts:
                offsets[topic] = max(offset, offsets.get(topic, 0))
        halting = [self._halt(topic, self._halt_reason(topic)) for topic in too_many]
        await self._apply(sifted.without(waiting), self.not_noted(offsets), behind, halting)

    async def note(self, reached: Mapping[str, int]) -> None:
        """Store positions beyond gaps without records, so that comparing them with the ends shows that everything was read."""
        async with self._store.transaction() as session:
            moved = await advance(session, self.hold, reached, self.hold.standing)
        self.hold = moved

    async def set_aside(self, poison: Poison) -> None:
        """Make a dead letter of a record on which the work failed alone and repeatedly, and move past it without other
        effects."""
        topic = poison.record.topic
        if self._rate(topic).room([True], self._clock.monotonic()) == 0:
            await self.halt(topic, self._halt_reason(topic))
            return
        async with self._store.transaction() as session:
            moved = await advance(session, self.hold, {topic: poison.record.offset + 1}, self.hold.standing)
            await self._dead_letters.set_aside(session, [poison])
            self._open = await self._dead_letters.open_subjects(session, self.number)
        self.hold = moved
        self._account(ReadBatch([poison]))

    async def requested(self) -> list[DeadLetterRow]:
        """The dead letters to replay now."""
        async with self._store.reading() as session:
            return await self._dead_letters.requested(session, self.number)

    async def replay(self, row: DeadLetterRow) -> bool:
        """Read a dead letter again; returns whether it was understood this time.

        The event keeps its id and version, so a superseded one changes nothing. Events that follow from it carry no origin
        time: the time until an operator acted must not count as latency.
        """
        sifted = await self._batch_reader.read([record_of(row)], {})
        with traced(replace(current_trace(), is_replay=True)):
            return await self._replay(row, sifted)

    async def _replay(self, row: DeadLetterRow, sifted: ReadBatch) -> bool:
        prepared = await self._work.prepare(sifted.batch)
        async with self._store.transaction() as session:
            await advance(session, self.hold, {}, self.hold.standing)
            await self._dead_letters.settle(session, row.id or 0, sifted.poison[0] if sifted.poison else None)
            standing = await self._work.write(session, prepared, self.hold.standing)
            moved = await advance(session, self.hold, {}, standing)
            self._open = await self._dead_letters.open_subjects(session, self.number)
        self.hold = moved
        return bool(sifted.batch)

    async def leave_open(self, row: DeadLetterRow, poison: Poison) -> None:
        """Record a replay on which the work failed; the dead letter stays open."""
        async with self._store.transaction() as session:
            await advance(session, self.hold, {}, self.hold.standing)
            await self._dead_letters.settle(session, row.id or 0, poison)
            self._open = await self._dead_letters.open_subjects(session, self.number)

    async def resume(self, topic: str) -> None:
        """Continue with a halted topic, and count its dead letters from zero."""
        async with self._store.transaction() as session:
            await lift_halt(session, self._consumer.name, self.number, topic)
        self.halts.pop(topic, None)
        self._rates.pop(topic, None)

    def _too_many(self, records: Sequence[Record], sifted: ReadBatch) -> dict[str, int]:
        """For each topic that must halt, the index of its first record that is not taken."""
        now, found = self._clock.monotonic(), dict[str, int]()
        for topic in {each.record.topic for each in sifted.poison}:
            places = [place for place, record in enumerate(records) if record.topic == topic]
            room = self._rate(topic).room([isinstance(sifted.verdicts[place], Poison) for place in places], now)
            if room < len(places):
                found[topic] = places[room]
        return found

    def _rate(self, topic: str) -> DeadLetterRate:
        return self._rates.setdefault(topic, DeadLetterRate(self._tolerance))

    def _halt_reason(self, topic: str) -> str:
        most = self._tolerance
        return (
            f"more than {most.letters} records, and {most.share:.0%} of what was read of {topic}, were set aside within "
            f"{most.window_s / 60:g} min"
        )

    def _halt(self, topic: str, reason: str) -> Halt:
        remedy = "see `makersync dead-letters list`, then `makersync resume`"
        return Halt(self._consumer.name, self.number, topic, f"{reason}; {remedy}", self._clock.now())

    async def halt(self, topic: str, reason: str) -> None:
        """Halt one topic at its stored offset; the other topics continue."""
        halt = self._halt(topic, reason)
        async with self._store.transaction() as session:
            moved = await advance(session, self.hold, {}, self.hold.standing)
            await record_halt(session, halt)
        self.hold = moved
        self.halts[halt.topic] = halt

    async def _apply(self, sifted: ReadBatch, offsets: Mapping[str, int], behind: int, halting: Sequence[Halt]) -> None:
        prepared = await self._work.prepare(sifted.batch, behind)
        async with self._store.transaction() as session:
            moved = await advance(session, self.hold, offsets, self.hold.standing)
            await self._dead_letters.set_aside(session, sifted.poison)
            superseded = await self._superseded(session, sifted)
            standing = await self._work.write(session, prepared, self.hold.standing)
            if standing != moved.standing:
                moved = await advance(session, moved, offsets, standing)
            for halt in halting:
                await record_halt(session, halt)
            if sifted.poison or superseded:
                self._open = await self._dead_letters.open_subjects(session, self.number)
        self.hold = moved
        self.halts |= {halt.topic: halt for halt in halting}
        self._account(sifted)

    async def _superseded(self, session: AsyncSession, sifted: ReadBatch) -> bool:
        """Whether a later valid event closes dead letters of its subject, either earlier ones or those of this batch."""
        dead = self._open.keys() | {subject_of(each.record) for each in sifted.poison}
        later: dict[Subject, list[Later]] = {}
        for place, each in enumerate(sifted.verdicts):
            if isinstance(each, Received) and (subject := subject_of(each.record)) in dead:
                event = Later(each.record.offset, each.event.version, is_news=place in sifted.news)
                later.setdefault(subject, []).append(event)
        return bool(later) and await self._dead_letters.supersede(session, self.number, later)

    def _account(self, sifted: ReadBatch) -> None:
        now = self._clock.monotonic()
        read = Counter(each.record.topic for each in sifted.verdicts)
        bad = Counter(each.record.topic for each in sifted.poison)
        for topic, count in read.items():
            self._rate(topic).note(count, bad[topic], now)
        for each in sifted.poison:
            self._metrics.dead_letters.labels(self._consumer.name, each.reason).inc()
            log.warning(
                "dead_letter",
                consumer=self._consumer.name,
                topic=each.record.topic,
                partition=each.record.partition,
                offset=each.record.offset,
                reason=each.reason,
            )
        for kind, count in Counter(received.kind for received in sifted.batch).items():
            self._metrics.events_consumed.labels(kind).inc(count)

"""The consumer loop: reads, hands each partition its batches, and moves offsets in the transaction of the effects."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager

import structlog

from makersync.broker.port import Assignment, Broker, Member, OffsetUnknown, Record, TopicPartition
from makersync.effects.consumer_port import Consumer
from makersync.effects.dead_letters import DeadLetters
from makersync.effects.fence import Hold, stored, was_taken_back
from makersync.effects.halts import WHOLE, Halt, halts, lift_halt, record_halt
from makersync.effects.held_partition import HeldPartition
from makersync.effects.idleness import Idleness
from makersync.effects.intake import Intake
from makersync.effects.isolation import NOT_THE_RECORDS, Isolation
from makersync.effects.owner import Owner
from makersync.effects.pace import Pace
from makersync.effects.patience import patiently
from makersync.effects.predecessor import Predecessor
from makersync.effects.replaying import replay_requested
from makersync.errors import Fenced, LogReplaced, RetryLater
from makersync.store.tables import FenceRow
from makersync.telemetry import PartitionState

log = structlog.get_logger(__name__)
UNHEARD = Assignment(-1, frozenset(), is_pending=True)


class ConsumerLoop:
    """One member of a consumer group. `run` ends when told to; a partition that fails halts alone."""

    def __init__(
        self,
        consumer: Consumer,
        broker: Broker,
        owner: Owner,
        log_id: str,
        pace: Pace,
        partitions: int,
        rests: Callable[[], bool] = lambda: False,
    ) -> None:
        """`partitions` is how many every topic by region has; `rests` says whether those who publish are to hold nothing."""
        self._partitions = partitions
        self._consumer, self._broker, self._owner, self._pace = consumer, broker, owner, pace
        self._store, self._clock = owner.store, owner.clock
        self._rests = rests
        self._dead_letters = DeadLetters(consumer.name, log_id, owner.clock)
        self._member: Member | None = None
        self._heard = UNHEARD
        self._held: dict[int, HeldPartition] = {}
        self._waiting: dict[int, float] = {}
        self._intakes: dict[int, dict[str, Intake]] = {}
        self._astray = False
        self._wanted = pace.batch_records
        self._next_replay = self._next_note = 0.0
        self._progress: dict[TopicPartition, int] = {}
        self._predecessor = Predecessor(consumer.after)
        self._idleness = Idleness(consumer, broker, owner, pace.rejoin_s)
        self.halted: dict[int, str] = {}
        self.away: RetryLater | None = None
        self.rounds = 0
        self.processed = 0

    @property
    def standing_still(self) -> list[str]:
        """What of this process's partitions waits for an operator, and why."""
        whole = [f"{self.name} partition {number}: {reason}" for number, reason in sorted(self.halted.items())]
        return whole + [str(halt) for _, held in sorted(self._held.items()) for _, halt in sorted(held.halts.items())]

    @property
    def name(self) -> str:
        return self._consumer.name

    @property
    def held(self) -> Mapping[int, HeldPartition]:
        return self._held

    def holds_nothing(self) -> tuple[float, str] | None:
        """For how many seconds this member has worked on nothing, and why; None when it works, or has nothing to."""
        return None if self._held else self._idleness.lasts(self._predecessor.missing)

    async def run(self, stop: asyncio.Event) -> None:
        """Raises LogReplaced. Every other fault is retried or halts one partition, and shows in `away` and `halted`."""
        try:
            while not stop.is_set():
                await self._round_or_wait(stop)
        finally:
            if self._member is not None:
                await self._member.close()

    async def _round_or_wait(self, stop: asyncio.Event) -> None:
        try:
            await self.round()
            self.away = None
        except OffsetUnknown as error:
            raise LogReplaced(str(error)) from error
        except RetryLater as error:
            if self.away is None:
                log.warning("consumer_waits", consumer=self.name, reason=str(error))
            self.away = error
            self.rounds += 1
            await _sleep_unless(stop, self._pace.retry_s)

    async def round(self) -> int:
        """One turn: take what was assigned, read, process; returns the number of records processed."""
        member = self._member or await self._broker.join(self.name, self._consumer.topics)
        self._member = member
        await self._follow(member)
        self._note_idleness()
        await self._idleness.look(self._heard)
        if self._idleness.is_to_rejoin:
            await self._leave(member)
            return 0
        fetched = by_number(await member.fetch(self._wanted, self._pace.fetch_wait_s))
        self._want(sum(map(len, fetched.values())))
        count = await self._process_all(member, fetched)
        await self._process_due(member, self._held.keys() - fetched.keys())
        await self._heed_operators(member)
        await self._note_progress(member)
        self.rounds += 1
        self.processed += count
        return count

    async def _leave(self, member: Member) -> None:
        """To join anew: whoever is waited for, the group must not wait for this one."""
        log.warning("group_left_to_join_anew", consumer=self.name, untaken=self._idleness.untaken)
        await member.close()
        self._member, self._heard = None, UNHEARD
        self._idleness.joined()

    def _note_idleness(self) -> None:
        self._idleness.note(_numbers(self._heard) - self.halted.keys(), works=bool(self._held))

    def _want(self, found: int) -> None:
        """More next time, while there is more than was asked for."""
        more = min(2 * self._wanted, self._pace.catch_up_records)
        self._wanted = max(more if found >= self._wanted else 0, self._pace.batch_records)

    async def _process_all(self, member: Member, fetched: Mapping[int, Sequence[Record]]) -> int:
        """A failure leaves records that were fetched and not processed: positions are past them, and must be set again."""
        self._astray = True
        count = 0
        for number, records in fetched.items():
            count += await self._process(member, number, records)
        self._astray = False
        return count

    async def _process_due(self, member: Member, numbers: Iterable[int]) -> None:
        for number in sorted(numbers):
            async with self._guarded(member, number):
                await self._process_idle(member, self._held[number])

    async def _process_idle(self, member: Member, held: HeldPartition) -> None:
        """Without records: what is due, once all that waits has been read, and the positions that only gaps have moved."""
        reached = held.not_noted(self._reached(member, held))
        if _behind(member, held, reached) == 0 and held.due():
            await held.process([], reached=reached)
        elif reached:
            await held.note(reached)
        else:
            return
        self._progress |= _positions(held)

    def _reached(self, member: Member, held: HeldPartition) -> dict[str, int]:
        return {at.topic: member.position(at) for at in self._flowing(held)}

    def _flowing(self, held: HeldPartition) -> list[TopicPartition]:
        """What is read of a partition number: what stands still waits, without keeping the rest."""
        return [at for at in self._heard.partitions if at.partition == held.number and at.topic not in held.halts]

    async def _follow(self, member: Member) -> None:
        assignment = member.assignment()
        if assignment.generation != self._heard.generation:
            await self._hear(assignment)
        if self._astray:
            for held in self._held.values():
                await self._seek(member, held)
            self._astray = False
        if self._consumer.publishes and self._rests():
            for number in list(self._held):
                self._drop(member, number)
        elif await self._predecessor.is_done(self._broker, self._store):
            await self._take_free(member)

    async def _hear(self, assignment: Assignment) -> None:
        """Keep what is still this process's: not lost, and not in another's hands since, whatever the members believe."""
        async with self._store.reading() as session:
            epochs = {row.partition: row.epoch for row in await stored(session, self.name)}
        numbers = _numbers(assignment)
        log.info("assigned", consumer=self.name, generation=assignment.generation, partitions=sorted(numbers))
        for number in [n for n, held in self._held.items() if n not in numbers or epochs.get(n) != held.hold.epoch]:
            del self._held[number]
            self._show(number, "waiting")
        self._waiting = {}
        self.halted = {n: reason for n, reason in self.halted.items() if n in numbers}
        self._intakes = {n: intakes for n, intakes in self._intakes.items() if n in numbers}
        self._heard, self._astray, self._progress = assignment, True, {}
        self._note_idleness()

    async def _take_free(self, member: Member) -> None:
        now = self._clock.monotonic()
        for number in sorted(_numbers(self._heard) - self._held.keys() - self.halted.keys()):
            if self._waiting.get(number, 0.0) <= now:
                await self._take(member, number)

    async def _take(self, member: Member, number: int) -> None:
        self._show(number, "loading")
        held: HeldPartition | None = None
        async with self._guarded(member, number):
            held = await self._load(number)
            if held.stood_still:
                await self._lift_whole(number)
        if held is not None:
            await self._seek(member, held)
            self._keep(held)
            log.info("partition_taken", consumer=self.name, partition=number, epoch=held.hold.epoch)

    async def _renew(self, held: HeldPartition) -> HeldPartition:
        """The same partition number with its state loaded anew. Raises Fenced where another owner has it by now."""
        return await self._load(held.number, held.hold)

    async def _load(self, number: int, after: Hold | None = None) -> HeldPartition:
        intakes, tolerance = self._intakes.setdefault(number, {}), self._pace.tolerance
        return await HeldPartition.take(
            self._consumer, number, self._owner, self._dead_letters, self._partitions, intakes, tolerance, after
        )

    def _keep(self, held: HeldPartition) -> None:
        self._held[held.number] = held
        self._show(held.number, "halted" if held.halts else "working")

    async def _seek(self, member: Member, held: HeldPartition) -> None:
        """Set the positions of a partition number's topics to what the fence says: the broker's own memory never counts."""
        mine = self._flowing(held)
        unread = [at.topic for at in mine if at.topic not in held.hold.offsets]
        bounds = await self._broker.bounds(unread) if unread else {}
        for at in mine:
            await member.seek(at, held.hold.offsets[at.topic] if at.topic in held.hold.offsets else bounds[at][0])

    async def _process(self, member: Member, number: int, records: Sequence[Record]) -> int:
        held = self._held.get(number)
        if held is None:
            return 0
        async with self._guarded(member, number):
            held = await self._process_or_isolate(member, held, records)
            self._keep(held)
            for at in self._heard.partitions:
                if at.partition == number and at.topic in held.halts:
                    member.pause(at)
            self._progress |= _positions(held)
            return len(records)
        return 0

    async def _process_or_isolate(self, member: Member, held: HeldPartition, records: Sequence[Record]) -> HeldPartition:
        """Returns what goes on working. A record on which the work fails keeps nobody but itself."""
        halted = held.halts.keys()
        reached = self._reached(member, held)
        try:
            await held.process(records, _behind(member, held, reached), reached)
        except NOT_THE_RECORDS:
            raise
        except Exception:
            log.exception("batch_failed", consumer=self.name, partition=held.number)
            isolation = Isolation(self._renew, held)
            await isolation.process(records)
            held = isolation.held
        for topic in held.halts.keys() - halted:
            log.error("partition_halted", consumer=self.name, partition=held.number, topic=topic)
        return held

    @asynccontextmanager
    async def _guarded(self, member: Member, number: int) -> AsyncIterator[None]:
        """A step on one partition: when it fails, the partition's state is dropped, for it may be ahead of the database."""
        try:
            async with patiently(self._tick):
                yield
        except Fenced as error:
            log.warning("fenced", consumer=self.name, partition=number, reason=str(error))
            self._drop(member, number)
            self._waiting[number] = self._clock.monotonic() + self._pace.fenced_wait_s
        except RetryLater:
            self._drop(member, number)
            raise
        except OffsetUnknown:
            raise
        except Exception as error:
            log.exception("partition_failed", consumer=self.name, partition=number)
            await self._halt(member, number, f"{type(error).__name__} while processing; see the log, then `makersync resume`")

    async def _note_progress(self, member: Member) -> None:
        """Tell the broker how far it is, for those who look there; not with every batch, for the answer is waited for."""
        if self._progress and self._clock.monotonic() >= self._next_note:
            progress, self._progress = self._progress, {}
            await member.note_progress(progress)
            self._next_note = self._clock.monotonic() + self._pace.note_s

    async def _heed_operators(self, member: Member) -> None:
        """What the commands and the operations over HTTP have asked for, in whichever process."""
        if self._clock.monotonic() < self._next_replay:
            return
        self._next_replay = self._clock.monotonic() + self._pace.replay_poll_s
        async with self._store.reading() as session:
            requested = await self._dead_letters.requested_partitions(session)
            standing = await halts(session, self.name)
            decided = [halt for halt in standing if halt.topic and not await self._dead_letters.any_open(session, halt)]
            fences = {row.partition: row for row in await stored(session, self.name)}
        self._drop_taken_back(member, fences)
        for halt in standing:
            if halt.is_to_resume or halt in decided:
                await self._resume(member, halt)
        for number in sorted(requested & (self._held.keys() | self.halted.keys())):
            async with self._guarded(member, number):
                await self._replay(number)

    def _drop_taken_back(self, member: Member, fences: Mapping[int, FenceRow]) -> None:
        """A database restored beneath this process is read on from where it stands, also where no record comes to show it."""
        for number in [n for n, held in self._held.items() if was_taken_back(held.hold, fences.get(n))]:
            log.error("store_taken_back", consumer=self.name, partition=number)
            self._drop(member, number)

    async def _resume(self, member: Member, halt: Halt) -> None:
        held = self._held.get(halt.partition)
        if halt.topic and held is not None:
            async with self._guarded(member, halt.partition):
                await held.resume(halt.topic)
                await self._seek(member, held)
                self._keep(held)
        elif not halt.topic and self.halted.pop(halt.partition, None) is not None:
            await self._lift_whole(halt.partition)

    async def _lift_whole(self, number: int) -> None:
        async with self._store.transaction() as session:
            await lift_halt(session, self.name, number, WHOLE)

    async def _replay(self, number: int) -> None:
        """A number that stands still is loaded for the replay alone."""
        if number in self._held:
            self._keep(await replay_requested(self._held[number], self._renew))
        else:
            await replay_requested(await self._load(number), self._renew)

    def _tick(self) -> None:
        self.rounds += 1

    def _drop(self, member: Member, number: int) -> None:
        """Forget a partition's state: it is loaded anew when it is taken again, for the state in memory may be ahead."""
        self._held.pop(number, None)
        self._show(number, "waiting")
        for at in self._heard.partitions:
            if at.partition == number:
                member.pause(at)

    async def _halt(self, member: Member, number: int, reason: str) -> None:
        """The whole number: nothing that was read is to blame, as when its state cannot be loaded."""
        log.error("partition_halted", consumer=self.name, partition=number, reason=reason)
        self._drop(member, number)
        async with self._store.transaction() as session:
            await record_halt(session, Halt(self.name, number, WHOLE, reason, self._clock.now()))
        # Not before it can be resumed: what could not be stored is tried again.
        self.halted[number] = reason
        self._show(number, "halted")

    def _show(self, number: int, state: PartitionState) -> None:
        self._owner.metrics.partition_state.labels(self.name, str(number)).state(state)


def by_number(fetched: Mapping[TopicPartition, Sequence[Record]]) -> dict[int, list[Record]]:
    """Records of the same partition number of all topics, topic by topic."""
    numbered: dict[int, list[Record]] = {}
    for at in sorted(fetched):
        if fetched[at]:
            numbered.setdefault(at.partition, []).extend(fetched[at])
    return numbered


def _behind(member: Member, held: HeldPartition, reached: Mapping[str, int]) -> int:
    """How many offsets of a partition number are known to wait after the positions `reached`: the stored ones do not tell, for
    the last offsets of a partition may hold no record. What stands still is not waited for."""
    stored_ones = {topic: offset for topic, offset in held.hold.offsets.items() if topic not in held.halts}
    offsets = {topic: max(reached.get(topic, 0), stored_ones.get(topic, 0)) for topic in reached.keys() | stored_ones.keys()}
    return member.behind({TopicPartition(topic, held.number): offset for topic, offset in offsets.items()})


def _positions(held: HeldPartition) -> dict[TopicPartition, int]:
    return {TopicPartition(topic, held.number): offset for topic, offset in held.hold.offsets.items()}


def _numbers(assignment: Assignment) -> set[int]:
    return {at.partition for at in assignment.partitions}


async def _sleep_unless(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return

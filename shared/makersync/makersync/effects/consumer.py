"""The consumer loop: fetches records, gives each partition its batches, and commits offsets in the transaction of the
effects."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from makersync.broker.port import Broker, Member, OffsetUnknown, Progress, Record, TopicPartition
from makersync.effects.consumer_port import Consumer
from makersync.effects.dead_letters import DeadLetters
from makersync.effects.fence import stored
from makersync.effects.halts import halts
from makersync.effects.held_partition import HeldPartition, PartitionSetup
from makersync.effects.held_partitions import UNASSIGNED, HeldPartitions
from makersync.effects.idleness import Idleness
from makersync.effects.isolation import NOT_THE_RECORDS, Isolation
from makersync.effects.log_identity import KnownLog
from makersync.effects.owner import Owner
from makersync.effects.pace import Pace
from makersync.effects.predecessor import Predecessor
from makersync.effects.restored_store import RestorationWatch, progress_of
from makersync.errors import LogReplaced, RetryLater
from makersync.store.repeated_look import RepeatedLook
from makersync.waiting import pause

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reserve:
    """What keeps a member from taking partitions: `rests` says that consumers that publish must hold none at present, and
    `restorations` whether the store was restored."""

    rests: Callable[[], bool] = lambda: False
    restorations: RestorationWatch | None = None


#: Nothing does.
UNRESERVED = Reserve()


class ConsumerLoop:
    """One member of a consumer group. `run` returns once `stop` is set; a failing partition halts without stopping the
    others."""

    def __init__(
        self,
        consumer: Consumer,
        broker: Broker,
        owner: Owner,
        known_log: KnownLog,
        pace: Pace,
        reserve: Reserve = UNRESERVED,
    ) -> None:
        self._consumer, self._broker, self._owner, self._pace = consumer, broker, owner, pace
        self._store, self._clock, self._rests = owner.store, owner.clock, reserve.rests
        self._dead_letters, self._log_id = DeadLetters(consumer.name, known_log.id, owner.clock), known_log.id
        setup = PartitionSetup(consumer, owner, known_log, pace.tolerance, reserve.restorations)
        self._partitions = HeldPartitions(setup, broker, pace.fenced_wait_s, self._tick)
        self._member: Member | None = None
        self._positions_are_off = False
        self._wanted, self._quiet_rounds = pace.batch_records, 0
        self._next_replay = self._next_note = 0.0
        self._progress: dict[TopicPartition, Progress] = {}
        self._predecessor = Predecessor(consumer.after)
        self._orders = RepeatedLook(owner.store, owner.clock)
        self._idleness = Idleness(consumer, broker, owner, pace.rejoin_s)
        self.away: RetryLater | None = None
        self.rounds = 0
        self.processed = 0

    @property
    def standing_still(self) -> list[str]:
        """The partitions and topics of this process that are halted until an operator acts, with the reason."""
        return self._partitions.standing_still

    @property
    def name(self) -> str:
        return self._consumer.name

    @property
    def held(self) -> Mapping[int, HeldPartition]:
        return self._partitions.held

    @property
    def halted(self) -> dict[int, str]:
        """The partition numbers that are halted with all their topics, and why."""
        return self._partitions.halted

    def holds_nothing(self) -> tuple[float, str] | None:
        """For how many seconds this member has had no partition to work on, and why; None if it works or has been assigned
        nothing."""
        return None if self.held else self._idleness.lasts(self._predecessor.missing)

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set. Raises LogReplaced; any other fault is retried or halts one partition, and shows in `away`
        or `halted`."""
        try:
            while not stop.is_set():
                await self._round_or_wait(stop)
            if self._member is not None and self._progress and self.away is None:
                await self._member.note_progress(self._progress)
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
                log.warning("consumer_waiting", consumer=self.name, reason=str(error))
            self.away = error
            self.rounds += 1
            await pause(stop, self._pace.retry_s)

    async def round(self) -> int:
        """Run one round: follow the assignment, fetch, process; returns the number of records processed."""
        member = self._member or await self._broker.join(self.name, self._consumer.topics)
        self._member = member
        await self._follow(member)
        self._note_idleness()
        await self._idleness.look(self._partitions.assignment)
        if self._idleness.is_to_rejoin:
            await self._leave(member)
            return 0
        fetched = by_number(await member.fetch(self._wanted, self._wait_s))
        self._quiet_rounds = 0 if fetched else self._quiet_rounds + 1
        self._want(sum(map(len, fetched.values())))
        count = await self._process_all(member, fetched)
        await self._process_due(member, self.held.keys() - fetched.keys())
        await self._heed_operators(member)
        await self._note_progress(member)
        self.rounds += 1
        self.processed += count
        return count

    async def _leave(self, member: Member) -> None:
        """Leave the group and join again in the next round, so that the group does not wait for this member."""
        log.warning("group_rejoining", consumer=self.name, untaken=self._idleness.untaken)
        await member.close()
        self._member, self._partitions.assignment = None, UNASSIGNED
        self._idleness.joined()

    @property
    def _wait_s(self) -> float:
        is_quiet = self._quiet_rounds > self._pace.quiet_rounds
        return self._pace.fetch_wait_s * (self._pace.quiet_factor if is_quiet else 1)

    def _note_idleness(self) -> None:
        self._idleness.note(self._partitions.numbers - self.halted.keys(), works=bool(self.held))

    def _want(self, found: int) -> None:
        """Double the size of the next fetch while fetches come back full."""
        more = min(2 * self._wanted, self._pace.catch_up_records)
        self._wanted = max(more if found >= self._wanted else 0, self._pace.batch_records)

    async def _follow(self, member: Member) -> None:
        """Follow the group's assignment, correct the read positions, and take the partitions that are free."""
        assignment = member.assignment()
        if assignment.generation != self._partitions.assignment.generation:
            await self._partitions.follow(assignment)
            self._positions_are_off, self._progress = True, {}
            self._note_idleness()
        if self._positions_are_off:
            for held in self.held.values():
                await self._partitions.seek(member, held)
            self._positions_are_off = False
        if self._consumer.publishes and self._rests():
            for number in list(self.held):
                self._partitions.drop(member, number)
        elif await self._predecessor.is_done(self._broker, self._store):
            for held in await self._partitions.take_free(member):
                self._progress |= progress_of(held.hold, self._log_id)

    async def _process_all(self, member: Member, fetched: Mapping[int, Sequence[Record]]) -> int:
        """If processing fails, the fetched records have moved the read positions already, so the next round must reset them."""
        self._positions_are_off = True
        count = 0
        for number, records in fetched.items():
            count += await self._process(member, number, records)
        self._positions_are_off = False
        return count

    async def _process(self, member: Member, number: int, records: Sequence[Record]) -> int:
        held = self.held.get(number)
        if held is None:
            return 0
        async with self._partitions.guarded(member, number):
            held = await self._process_or_isolate(member, held, records)
            self._partitions.keep(held)
            self._partitions.pause_halted(member, held)
            self._progress |= progress_of(held.hold, self._log_id)
            return len(records)
        return 0

    async def _process_or_isolate(self, member: Member, held: HeldPartition, records: Sequence[Record]) -> HeldPartition:
        """Returns the partition's state to continue with. A record that makes the work fail holds up no other record."""
        halted = held.halts.keys()
        reached = self._reached(member, held)
        try:
            await held.process(records, _behind(member, held, reached), reached)
        except NOT_THE_RECORDS:
            raise
        except Exception:
            log.exception("batch_failed", consumer=self.name, partition=held.number)
            isolation = Isolation(self._partitions.renew, held)
            await isolation.process(records)
            held = isolation.held
        for topic in held.halts.keys() - halted:
            log.error("partition_halted", consumer=self.name, partition=held.number, topic=topic)
        return held

    async def _process_due(self, member: Member, numbers: Iterable[int]) -> None:
        for number in sorted(numbers):
            async with self._partitions.guarded(member, number):
                await self._process_idle(member, self.held[number])

    async def _process_idle(self, member: Member, held: HeldPartition) -> None:
        """Without records: do the work that is due once nothing is left to read, and store positions that moved only past
        gaps."""
        reached = held.not_noted(self._reached(member, held))
        if _behind(member, held, reached) == 0 and held.due():
            await held.process([], reached=reached)
        elif reached:
            await held.note(reached)
        else:
            return
        self._progress |= progress_of(held.hold, self._log_id)

    def _reached(self, member: Member, held: HeldPartition) -> dict[str, int]:
        return {at.topic: member.position(at) for at in self._partitions.flowing(held)}

    async def _note_progress(self, member: Member) -> None:
        """Note the stored offsets at the broker, for monitoring tools and for `makersync.effects.restored_store`; not after
        each batch, because each note waits for an answer."""
        if self._progress and self._clock.monotonic() >= self._next_note:
            progress, self._progress = self._progress, {}
            await member.note_progress(progress)
            self._next_note = self._clock.monotonic() + self._pace.note_s

    async def _heed_operators(self, member: Member) -> None:
        """Apply the replays and resumes that operators requested through any process."""
        if self._clock.monotonic() < self._next_replay:
            return
        self._next_replay = self._clock.monotonic() + self._pace.replay_poll_s
        if not self._orders.is_needed():
            return
        async with self._store.reading() as session:
            requested = await self._dead_letters.requested_partitions(session)
            standing = await halts(session, self.name)
            decided = [halt for halt in standing if halt.topic and not await self._dead_letters.any_open(session, halt)]
            fences = {row.partition: row for row in await stored(session, self.name)}
        if not (requested or standing):
            self._orders.found_nothing()
        await self._partitions.drop_restored(member, fences)
        for halt in standing:
            if halt.is_to_resume or halt in decided:
                await self._partitions.resume(member, halt)
        for number in sorted(requested & (self.held.keys() | self.halted.keys())):
            async with self._partitions.guarded(member, number):
                await self._partitions.replay(number)

    def _tick(self) -> None:
        self.rounds += 1


def by_number(fetched: Mapping[TopicPartition, Sequence[Record]]) -> dict[int, list[Record]]:
    """Merge the records of all topics by partition number, topic by topic."""
    numbered: dict[int, list[Record]] = {}
    for at in sorted(fetched):
        if fetched[at]:
            numbered.setdefault(at.partition, []).extend(fetched[at])
    return numbered


def _behind(member: Member, held: HeldPartition, reached: Mapping[str, int]) -> int:
    """How many offsets of a partition number are known to lie beyond `reached`; halted topics do not count.

    Stored offsets alone are not enough: the last offsets of a partition may hold no record.
    """
    stored_offsets = {topic: offset for topic, offset in held.hold.offsets.items() if topic not in held.halts}
    offsets = {
        topic: max(reached.get(topic, 0), stored_offsets.get(topic, 0)) for topic in reached.keys() | stored_offsets.keys()
    }
    return member.behind({TopicPartition(topic, held.number): offset for topic, offset in offsets.items()})

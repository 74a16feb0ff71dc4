"""The partition numbers that this process holds for one consumer: taking, dropping, halting and resuming them."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import structlog

from makersync.broker.port import Assignment, Broker, Member, OffsetUnknown, TopicPartition
from makersync.effects.dead_letter_rate import DeadLetterRate
from makersync.effects.fence import Hold, is_older, stored
from makersync.effects.halts import WHOLE, Halt, lift_halt, record_halt
from makersync.effects.held_partition import HeldPartition, PartitionSetup
from makersync.effects.long_steps import long_step
from makersync.effects.replaying import replay_requested
from makersync.errors import Fenced, RetryLater
from makersync.store.tables import FenceRow
from makersync.telemetry import PartitionState

log = structlog.get_logger(__name__)
UNASSIGNED = Assignment(-1, frozenset(), is_pending=True)


class HeldPartitions:
    """`held` are the partition numbers in progress; `halted` are those that are halted with all their topics, and why.

    `tick` is called regularly during long steps. After meeting another owner, a partition is not taken again for
    `fenced_wait_s` seconds.
    """

    def __init__(self, setup: PartitionSetup, broker: Broker, fenced_wait_s: float, tick: Callable[[], None]) -> None:
        self.setup, self._broker, self._fenced_wait_s, self._tick = setup, broker, fenced_wait_s, tick
        self._name = setup.consumer.name
        self._store, self._clock, self._metrics = setup.owner.store, setup.owner.clock, setup.owner.metrics
        self._waiting: dict[int, float] = {}
        self._rates: dict[int, dict[str, DeadLetterRate]] = {}
        self.assignment = UNASSIGNED
        self.held: dict[int, HeldPartition] = {}
        self.halted: dict[int, str] = {}

    @property
    def numbers(self) -> set[int]:
        """The partition numbers that the group has assigned to this member."""
        return {at.partition for at in self.assignment.partitions}

    @property
    def standing_still(self) -> list[str]:
        """The partitions and topics of this process that are halted until an operator acts, with the reason."""
        whole = [f"{self._name} partition {number}: {reason}" for number, reason in sorted(self.halted.items())]
        return whole + [str(halt) for _, held in sorted(self.held.items()) for _, halt in sorted(held.halts.items())]

    def flowing(self, held: HeldPartition) -> list[TopicPartition]:
        """The topic partitions to read for a partition number: all but its halted topics."""
        return [at for at in self.assignment.partitions if at.partition == held.number and at.topic not in held.halts]

    async def follow(self, assignment: Assignment) -> None:
        """Keep only the partitions that are still assigned and whose fence no other owner has raised, whatever the group
        believes."""
        async with self._store.reading() as session:
            epochs = {row.partition: row.epoch for row in await stored(session, self._name)}
        self.assignment = assignment
        numbers = self.numbers
        log.info("assigned", consumer=self._name, generation=assignment.generation, partitions=sorted(numbers))
        for number in [n for n, held in self.held.items() if n not in numbers or epochs.get(n) != held.hold.epoch]:
            del self.held[number]
            self._show(number, "waiting")
        self._waiting = {}
        self.halted = {n: reason for n, reason in self.halted.items() if n in numbers}
        self._rates = {n: rates for n, rates in self._rates.items() if n in numbers}

    async def take_free(self, member: Member) -> list[HeldPartition]:
        """Take every assigned number that is neither held nor halted, unless it is waiting after another owner was met; returns
        those that were taken."""
        now, free = self._clock.monotonic(), sorted(self.numbers - self.held.keys() - self.halted.keys())
        for number in free:
            if self._waiting.get(number, 0.0) <= now:
                await self._take(member, number)
        return [self.held[number] for number in free if number in self.held]

    async def _take(self, member: Member, number: int) -> None:
        self._show(number, "loading")
        held: HeldPartition | None = None
        async with self.guarded(member, number):
            held = await self._load(number)
            if held.stood_still:
                await self._lift_whole(number)
        if held is not None:
            await self.seek(member, held)
            self.keep(held)
            log.info("partition_taken", consumer=self._name, partition=number, epoch=held.hold.epoch)

    async def renew(self, held: HeldPartition) -> HeldPartition:
        """The same partition number with its state loaded again. Raises Fenced if another owner has taken it."""
        renewed = await self._load(held.number, held.hold)
        if held.number in self.held:
            # What is fenced from now on is compared with this hold.
            self.held[held.number] = renewed
        return renewed

    async def _load(self, number: int, after: Hold | None = None) -> HeldPartition:
        if self.setup.restorations is not None:
            await self.setup.restorations.look(self._name, number)
        return await HeldPartition.take(self.setup, number, self._rates.setdefault(number, {}), after)

    def keep(self, held: HeldPartition) -> None:
        """Continue with this state of a partition number."""
        self.held[held.number] = held
        self._show(held.number, "halted" if held.halts else "working")

    def pause_halted(self, member: Member, held: HeldPartition) -> None:
        """Stop fetching the halted topics."""
        for at in self.assignment.partitions:
            if at.partition == held.number and at.topic in held.halts:
                member.pause(at)

    async def seek(self, member: Member, held: HeldPartition) -> None:
        """Set the read positions of a partition number to the fence's offsets; offsets stored in the broker are never used."""
        flowing = self.flowing(held)
        unread = [at.topic for at in flowing if at.topic not in held.hold.offsets]
        bounds = await self._broker.bounds(unread) if unread else {}
        for at in flowing:
            await member.seek(at, held.hold.offsets[at.topic] if at.topic in held.hold.offsets else bounds[at][0])

    @asynccontextmanager
    async def guarded(self, member: Member, number: int) -> AsyncIterator[None]:
        """Run a step on one partition. If it fails, the partition's state is dropped, because it may be ahead of the
        database."""
        try:
            async with long_step(self._tick):
                yield
        except Fenced as error:
            log.warning("fenced", consumer=self._name, partition=number, reason=str(error))
            held = self.held.get(number)
            self.drop(member, number)
            self._waiting[number] = self._clock.monotonic() + self._fenced_wait_s
            if held is not None:
                await self._declare_restored(held.hold)
        except RetryLater:
            self.drop(member, number)
            raise
        except OffsetUnknown:
            raise
        except Exception as error:
            log.exception("partition_failed", consumer=self._name, partition=number)
            await self._halt(member, number, f"{type(error).__name__} while processing; see the log, then `makersync resume`")

    def drop(self, member: Member, number: int) -> None:
        """Forget a partition's state; it is loaded again when the number is taken again."""
        self.held.pop(number, None)
        self._show(number, "waiting")
        for at in self.assignment.partitions:
            if at.partition == number:
                member.pause(at)

    async def drop_restored(self, member: Member, fences: Mapping[int, FenceRow]) -> None:
        """Drop partitions whose database was restored while this process runs, even if no record arrives to reveal it."""
        for number in [n for n, held in self.held.items() if is_older(fences.get(n), held.hold)]:
            log.error("store_restored_to_older_state", consumer=self._name, partition=number)
            self.drop(member, number)
            await self._declare(number)

    async def _declare_restored(self, hold: Hold) -> None:
        """Whoever is fenced has met another owner, or a database that was restored and does not know of this one."""
        async with self._store.reading() as session:
            fences = {row.partition: row for row in await stored(session, self._name)}
        if is_older(fences.get(hold.partition), hold):
            await self._declare(hold.partition)

    async def _declare(self, number: int) -> None:
        if self.setup.restorations is not None:
            await self.setup.restorations.declare(f"{self._name} was further in partition {number} than the database knows")

    async def _halt(self, member: Member, number: int, reason: str) -> None:
        """Halt the whole number, for failures that no record caused, such as a state that cannot be loaded."""
        log.error("partition_halted", consumer=self._name, partition=number, reason=reason)
        self.drop(member, number)
        async with self._store.transaction() as session:
            await record_halt(session, Halt(self._name, number, WHOLE, reason, self._clock.now()))
        # Set only after the halt is stored, so that it can be resumed; if storing it fails, the partition is taken again.
        self.halted[number] = reason
        self._show(number, "halted")

    async def resume(self, member: Member, halt: Halt) -> None:
        """Continue with what an operator has resumed, if this process holds it."""
        held = self.held.get(halt.partition)
        if halt.topic and held is not None:
            async with self.guarded(member, halt.partition):
                await held.resume(halt.topic)
                await self.seek(member, held)
                self.keep(held)
        elif not halt.topic and self.halted.pop(halt.partition, None) is not None:
            await self._lift_whole(halt.partition)

    async def _lift_whole(self, number: int) -> None:
        async with self._store.transaction() as session:
            await lift_halt(session, self._name, number, WHOLE)

    async def replay(self, number: int) -> None:
        """Replay the requested dead letters of a number. A halted number is loaded for the replay only."""
        if number in self.held:
            self.keep(await replay_requested(self.held[number], self.renew))
        else:
            await replay_requested(await self._load(number), self.renew)

    def _show(self, number: int, state: PartitionState) -> None:
        self._metrics.partition_state.labels(self._name, str(number)).state(state)

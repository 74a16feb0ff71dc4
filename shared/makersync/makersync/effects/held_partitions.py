"""The partition numbers that this process holds for one consumer: taken, dropped, halted, and resumed."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import structlog

from makersync.broker.port import Assignment, Broker, Member, OffsetUnknown, TopicPartition
from makersync.effects.dead_letter_rate import DeadLetterRate
from makersync.effects.fence import Hold, stored, was_taken_back
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
    """`held` are the numbers that are worked on, `halted` those that stand still with all their topics, and why.

    `tick` is called while a step on a partition takes long. `fenced_wait_s` passes after another owner was met.
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
        """What of this process's partitions waits for an operator, and why."""
        whole = [f"{self._name} partition {number}: {reason}" for number, reason in sorted(self.halted.items())]
        return whole + [str(halt) for _, held in sorted(self.held.items()) for _, halt in sorted(held.halts.items())]

    def flowing(self, held: HeldPartition) -> list[TopicPartition]:
        """What is read of a partition number: a topic that stands still does not hold up the rest."""
        return [at for at in self.assignment.partitions if at.partition == held.number and at.topic not in held.halts]

    async def follow(self, assignment: Assignment) -> None:
        """Keep what is still this process's: not lost, and not in another's hands since, whatever the members believe."""
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

    async def take_free(self, member: Member) -> None:
        """Take every assigned number that is neither held nor halted, unless it waits after another owner was met."""
        now = self._clock.monotonic()
        for number in sorted(self.numbers - self.held.keys() - self.halted.keys()):
            if self._waiting.get(number, 0.0) <= now:
                await self._take(member, number)

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
        """The same partition number with its state loaded again. Raises Fenced where another owner has it by now."""
        return await self._load(held.number, held.hold)

    async def _load(self, number: int, after: Hold | None = None) -> HeldPartition:
        return await HeldPartition.take(self.setup, number, self._rates.setdefault(number, {}), after)

    def keep(self, held: HeldPartition) -> None:
        """Go on with this state of a partition number."""
        self.held[held.number] = held
        self._show(held.number, "halted" if held.halts else "working")

    def pause_halted(self, member: Member, held: HeldPartition) -> None:
        """Fetch no more of the topics that stand still."""
        for at in self.assignment.partitions:
            if at.partition == held.number and at.topic in held.halts:
                member.pause(at)

    async def seek(self, member: Member, held: HeldPartition) -> None:
        """Set the positions of a partition number's topics to what the fence says: the broker's own memory never counts."""
        flowing = self.flowing(held)
        unread = [at.topic for at in flowing if at.topic not in held.hold.offsets]
        bounds = await self._broker.bounds(unread) if unread else {}
        for at in flowing:
            await member.seek(at, held.hold.offsets[at.topic] if at.topic in held.hold.offsets else bounds[at][0])

    @asynccontextmanager
    async def guarded(self, member: Member, number: int) -> AsyncIterator[None]:
        """A step on one partition: when it fails, the partition's state is dropped, for it may be ahead of the database."""
        try:
            async with long_step(self._tick):
                yield
        except Fenced as error:
            log.warning("fenced", consumer=self._name, partition=number, reason=str(error))
            self.drop(member, number)
            self._waiting[number] = self._clock.monotonic() + self._fenced_wait_s
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

    def drop_taken_back(self, member: Member, fences: Mapping[int, FenceRow]) -> None:
        """A database restored beneath this process is read on from where it stands, also where no record comes to show it."""
        for number in [n for n, held in self.held.items() if was_taken_back(held.hold, fences.get(n))]:
            log.error("store_taken_back", consumer=self._name, partition=number)
            self.drop(member, number)

    async def _halt(self, member: Member, number: int, reason: str) -> None:
        """The whole number: nothing that was read is to blame, as when its state cannot be loaded."""
        log.error("partition_halted", consumer=self._name, partition=number, reason=reason)
        self.drop(member, number)
        async with self._store.transaction() as session:
            await record_halt(session, Halt(self._name, number, WHOLE, reason, self._clock.now()))
        # Not before it can be resumed: what could not be stored is tried again.
        self.halted[number] = reason
        self._show(number, "halted")

    async def resume(self, member: Member, halt: Halt) -> None:
        """Go on with what an operator has resumed, as far as this process holds it."""
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
        """Read the requested dead letters of a number again. One that stands still is loaded for the replay alone."""
        if number in self.held:
            self.keep(await replay_requested(self.held[number], self.renew))
        else:
            await replay_requested(await self._load(number), self.renew)

    def _show(self, number: int, state: PartitionState) -> None:
        self._metrics.partition_state.labels(self._name, str(number)).state(state)

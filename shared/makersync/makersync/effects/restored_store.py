"""Notices a store that was restored to an earlier moment although its own topics hold nothing newer (DESIGN, exactly-once
effects, 10).

After each commit of the store a consumer notes its offsets at the broker, with the log's id and the epoch of its hold. As long
as a store is not restored, its epochs only rise, and within one epoch so do its offsets. A note beyond the fence was therefore
made at a later moment than the store knows of. Notes of others, such as those of tools that reset a group, have no epoch and
count for nothing. Always read the notes first and the store second: what is committed in between is then never mistaken for a
restoration.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.port import Broker, Progress, RightsMissing, TopicPartition
from makersync.effects.conditions import Condition, declare, lift
from makersync.effects.fence import Hold, raise_epoch, stored
from makersync.effects.owner import Owner
from makersync.store.tables import ConditionRow, FenceRow

log = structlog.get_logger(__name__)
#: Name of the condition. Only a reconciliation lifts it, since it also starts the feeds over.
RESTORED = "restored"


def progress_of(hold: Hold, log_id: str) -> dict[TopicPartition, Progress]:
    """What a consumer notes at the broker about a partition number."""
    remark = f"epoch {hold.epoch} of {log_id}"
    return {TopicPartition(topic, hold.partition): Progress(offset, remark) for topic, offset in hold.offsets.items()}


def epoch_of(note: Progress, log_id: str) -> int | None:
    """The epoch in a note; None if no consumer made it, or one that worked on another log."""
    name, _, rest = note.remark.partition(" ")
    epoch, _, noted_log = rest.partition(" of ")
    return int(epoch) if name == "epoch" and noted_log == log_id and epoch.isdecimal() else None


@dataclass(frozen=True, slots=True)
class RestorationWatch:
    """Declares that a service's store was restored. For services with feeds: what else a restored store has lost is in the
    topics, and is read again."""

    owner: Owner
    broker: Broker
    service: str
    log_id: str

    async def look(self, consumer: str, number: int | None = None) -> bool:
        """Compare the notes of a consumer, or of one partition number, with the store; returns whether the store is older. Call
        it before the epoch is raised. Raises RetryLater."""
        try:
            notes = await self.broker.progress(consumer)
        except RightsMissing:
            # A front door may run as a user who may not read about the group; the consumer's own process will look.
            return False
        mine = {at: note for at, note in notes.items() if number in (None, at.partition)}
        async with self.owner.store.reading() as session:
            if await self._first_problem(session, consumer, mine) is None:
                return False
        async with self.owner.store.transaction() as session:
            # A reconciliation may have raised the epochs meanwhile.
            problem = await self._first_problem(session, consumer, mine)
            if problem is not None:
                await self._declare(session, f"{consumer} {problem}")
        return problem is not None

    async def declare(self, problem: str) -> None:
        """For a process that has seen by itself that the store is older than before."""
        async with self.owner.store.transaction() as session:
            await self._declare(session, problem)

    async def _declare(self, session: AsyncSession, problem: str) -> None:
        remedy = f"Run `makersync reconcile {self.service} --take-log`, which also starts the feeds over"
        said = f"The database was restored to an earlier moment: {problem}"
        if await declare(session, self.owner.clock, Condition(RESTORED, said, remedy, stops_writes=True)):
            log.error("store_restored", service=self.service, problem=problem)

    async def _first_problem(
        self, session: AsyncSession, consumer: str, notes: Mapping[TopicPartition, Progress]
    ) -> str | None:
        fences = {row.partition: row for row in await stored(session, consumer)}
        return next((found for at, note in sorted(notes.items()) if (found := self._problem(at, note, fences))), None)

    def _problem(self, at: TopicPartition, note: Progress, fences: Mapping[int, FenceRow]) -> str | None:
        noted, row = epoch_of(note, self.log_id), fences.get(at.partition)
        if noted is None:
            return None
        known, offset = (0, 0) if row is None else (row.epoch, row.offsets.get(at.topic, 0))
        if noted > known:
            return f"has taken partition {at.partition} {noted} times, and the database knows of {known}"
        if noted == known and note.offset > offset:
            return f"had read {at.topic} partition {at.partition} up to {note.offset}, and the database knows of {offset}"
        return None


async def was_restored(session: AsyncSession) -> bool:
    """Whether it is known that the store was restored, and nobody has reconciled it."""
    return await session.get(ConditionRow, RESTORED) is not None


async def mend(session: AsyncSession, log_id: str, notes: Mapping[str, Mapping[TopicPartition, Progress]]) -> None:
    """After a reconciliation: lift the condition, and raise the epochs above those of the notes, by consumer, so that these
    notes show nothing any more."""
    for consumer, made in notes.items():
        highest: dict[int, int] = {}
        for at, note in made.items():
            highest[at.partition] = max(highest.get(at.partition, 0), epoch_of(note, log_id) or 0)
        for number, epoch in sorted(highest.items()):
            await raise_epoch(session, consumer, number, above=epoch)
    await lift(session, RESTORED)

"""Samples of the consumers' positions, taken all the time by each process that shows pages of operators.

Whoever opens a page then sees since when something waits, and no page awaits the broker.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.port import OffsetUnknown, TopicPartition
from makersync.effects.fence import stored
from makersync.errors import OperatorError
from makersync.runtime.operations import Bounds, consumers_of, ends_of
from makersync.runtime.samples import Position, Sample
from makersync.runtime.status import ProcessStatus
from makersync.store.tables import FenceRow, OutboxRow

#: So often a sample is taken, and so long the broker is awaited for it, seconds.
EVERY_S, BROKER_S = 5.0, 10.0


def sampling(status: ProcessStatus) -> Callable[[], Awaitable[None]]:
    """The step that adds a sample to those of the process."""

    async def sample() -> None:
        ends = await _ends_soon(status)
        async with status.context.store.snapshot() as session:
            fences = {each.name: await stored(session, each.name) for each in consumers_of(status)}
            written = await _written(session)
        reached = None if ends is None else {at: end for at, (_, end) in ends.items()}
        now = status.context.clock.monotonic()
        status.samples.add(Sample(now, reached, _taken(status, fences, ends or {}), written))

    return sample


async def _ends_soon(status: ProcessStatus) -> Mapping[TopicPartition, Bounds] | None:
    """None when the broker does not answer in time or refuses to: pages and the database do not depend on it."""
    try:
        async with asyncio.timeout(BROKER_S):
            return await ends_of(status)
    except (TimeoutError, OperatorError, OffsetUnknown):
        return None


async def _written(session: AsyncSession) -> int:
    return (await session.exec(select(func.max(col(OutboxRow.id))))).one() or 0


def _taken(
    status: ProcessStatus, fences: Mapping[str, Sequence[FenceRow]], ends: Mapping[TopicPartition, Bounds]
) -> Mapping[Position, int]:
    """A partition is taken up to its first offset at least, whether nobody has read it yet or what was read is gone."""
    taken: dict[Position, int] = {
        (name, TopicPartition(topic, row.partition)): offset
        for name, rows in fences.items()
        for row in rows
        for topic, offset in row.offsets.items()
    }
    for each in consumers_of(status):
        for at, (first, _) in ends.items():
            if at.topic in each.topics:
                taken[each.name, at] = max(first, taken.get((each.name, at), first))
    return taken

"""Compares a service's own topics with its store at each start, from the last marks on (DESIGN, exactly-once effects, 10)."""

import asyncio

import structlog

from makersync.broker.port import Broker, TopicPartition
from makersync.effects.agreement import MOST_NOTED, ahead_of_store, keys_of, read_marks, save_marks, settle
from makersync.effects.own_topics import OwnRecord, OwnTopics, own_records
from makersync.effects.owner import Owner

log = structlog.get_logger(__name__)
FETCH = 5000
Positions = dict[TopicPartition, int]


async def compare(owner: Owner, broker: Broker, own: OwnTopics, whole: bool = False) -> int:
    """Read what the topics hold beyond the marks (everything if `whole`), note the records ahead of the store, and declare or
    lift the condition; returns how many keys are ahead.

    A restored store has older marks, so everything written after the backup is read. Reading stops once MOST_NOTED keys are
    ahead; the marks then stay where they are. Raises BrokerAway.
    """
    async with owner.store.reading() as session:
        marks = {} if whole else await read_marks(session, own)
    bounds = await broker.bounds(own.names)
    starts = {at: _start(marks.get(at), first, end) for at, (first, end) in bounds.items()}
    ends = {at: end for at, (_, end) in bounds.items()}
    found, positions = await _read(owner, broker, own, starts, ends)
    async with owner.store.transaction() as session:
        count = await settle(session, owner.clock, own, found)
        if all(positions[at] >= end for at, end in ends.items()):
            await save_marks(session, positions)
    if read := sum(positions[at] - starts[at] for at in starts):
        log.info("store_compared", service=own.service, read=read, ahead=count)
    return count


def _start(mark: int | None, first: int, end: int) -> int:
    """A mark outside the log belongs to another log, or the end of this one was lost: read from the beginning."""
    return mark if mark is not None and first <= mark <= end else first


async def _read(
    owner: Owner, broker: Broker, own: OwnTopics, starts: Positions, ends: Positions
) -> tuple[list[OwnRecord], Positions]:
    """The records ahead of the store between `starts` and `ends`, and the positions at which reading stopped."""
    found: list[OwnRecord] = []
    if all(starts[at] >= end for at, end in ends.items()):
        return found, starts
    tail = await broker.tail(own.names)
    try:
        for at, start in starts.items():
            if tail.position(at) != start:
                await tail.seek(at, start)
        while any(tail.position(at) < end for at, end in ends.items()) and len(keys_of(found)) < MOST_NOTED:
            fetched = await tail.fetch(FETCH, 0.5)
            own_batch = await asyncio.to_thread(own_records, [record for some in fetched.values() for record in some], own)
            async with owner.store.reading() as session:
                found += await ahead_of_store(session, own_batch)
        return found, {at: tail.position(at) for at in starts}
    finally:
        await tail.close()

"""Everything that the page of what happens now shows, read at one moment."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.port import TopicPartition
from makersync.delivery.tables import DeliveryRow
from makersync.effects.dead_letters import DEAD, OPEN
from makersync.effects.fence import stored
from makersync.effects.halts import Halt, halts
from makersync.effects.lease import leader_of
from makersync.effects.refused_events import refused_up_to
from makersync.effects.relay import oldest_unpublished, unpublished
from makersync.feed.tables import FeedEntryRow, FeedProgressRow
from makersync.mail.server_state import ServerState, server_state
from makersync.runtime.operations import Bounds, consumers_of, ends_of
from makersync.runtime.samples import Position, Sample
from makersync.runtime.status import ProcessStatus
from makersync.store.tables import ConditionRow, FenceRow, OutboxRow

#: A page that refreshes itself does not wait long for a broker that does not answer.
_BROKER_S = 1.0
#: From how many of the latest entries and deliveries their times are taken.
_LATEST = 200
#: Refused events are counted up to here.
MOST_REFUSED = 1000


@dataclass(frozen=True, slots=True)
class ConsumerNow:
    """One consumer: records that it has not taken (None while no broker says), for how many seconds the oldest of them has
    waited at least, records a second, and how many partition numbers it has."""

    name: str
    lag: int | None
    behind_s: float
    per_second: float | None
    partitions: int


@dataclass(frozen=True, slots=True)
class HaltNow:
    """A halt, with how many letters of the partition nobody has decided about."""

    halt: Halt
    letters: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits to go out: events for the broker, entries of feeds for their numbers, messages to webhooks, mail. None where
    the service sends nothing of the kind."""

    events: int
    oldest_event: datetime | None
    refused: int
    entries: int | None
    deliveries: int | None
    mail: ServerState | None


@dataclass(frozen=True, slots=True)
class Freshness:
    """Seconds: of the latest entries from the event to the feed, and of the latest messages from the feed to the receiver; half
    of them took no longer. `complete_to`: everything before is in the feeds."""

    to_feed_s: float | None
    to_receiver_s: float | None
    complete_to: datetime | None


@dataclass(frozen=True, slots=True)
class NowReading:
    at: datetime
    parts: Mapping[str, str]
    conditions: Sequence[ConditionRow]
    consumers: Sequence[ConsumerNow]
    written_per_second: float | None
    halted: Sequence[HaltNow]
    letters: int
    waiting: Waiting
    freshness: Freshness | None
    publisher: str | None
    #: By instance and consumer the partition numbers that it holds, or held last.
    instances: Mapping[str, Mapping[str, Sequence[int]]]


async def read_now(session: AsyncSession, status: ProcessStatus, parts: Mapping[str, str]) -> NowReading:
    """`parts` are those of the readiness of this process."""
    consumers = status.definition.consumers(status.context)
    fences = {each.name: await stored(session, each.name) for each in consumers}
    ends = await _ends_soon(status)
    await _sample(session, status, fences, ends)
    open_letters = await _open_letters(session, [each.name for each in consumers])
    return NowReading(
        at=status.context.clock.now(),
        parts=parts,
        conditions=(await session.exec(select(ConditionRow).order_by(col(ConditionRow.since)))).all(),
        consumers=[_consumer(status, each.name, fences[each.name], ends) for each in consumers],
        written_per_second=status.samples.written_per_second(),
        halted=[HaltNow(each, _letters_at(open_letters, each)) for each in await halts(session)],
        letters=sum(open_letters.values()),
        waiting=await _waiting(session, status),
        freshness=await _freshness(session) if status.definition.has_webhooks else None,
        publisher=await leader_of(session, status.context.clock, f"{status.definition.name}.relay"),
        instances=_instances(fences),
    )


async def _ends_soon(status: ProcessStatus) -> Mapping[TopicPartition, Bounds] | None:
    if status.broker is None:
        return None
    try:
        async with asyncio.timeout(_BROKER_S):
            return await ends_of(status)
    except TimeoutError:
        return None


async def _sample(
    session: AsyncSession,
    status: ProcessStatus,
    fences: Mapping[str, Sequence[FenceRow]],
    ends: Mapping[TopicPartition, Bounds] | None,
) -> None:
    """Without the broker the last ends stand still, and what waits gets older."""
    kept = status.samples.kept
    known = kept[-1].ends if kept else {}
    written = (await session.exec(select(func.max(col(OutboxRow.id))))).one()
    taken: dict[Position, int] = {
        (name, TopicPartition(topic, row.partition)): offset
        for name, rows in fences.items()
        for row in rows
        for topic, offset in row.offsets.items()
    }
    for name, at in _read_by(status, ends or {}):
        taken.setdefault((name, at), (ends or {})[at][0])
    now = status.context.clock.monotonic()
    status.samples.add(Sample(now, known if ends is None else {at: end for at, (_, end) in ends.items()}, taken, written or 0))


def _read_by(status: ProcessStatus, ends: Mapping[TopicPartition, Bounds]) -> Sequence[Position]:
    return [(each.name, at) for each in consumers_of(status) for at in ends if at.topic in each.topics]


def _consumer(
    status: ProcessStatus, name: str, rows: Sequence[FenceRow], ends: Mapping[TopicPartition, Bounds] | None
) -> ConsumerNow:
    samples = status.samples
    newest = samples.kept[-1]
    lag = sum(max(0, newest.ends.get(at, upto) - upto) for (whose, at), upto in newest.taken.items() if whose == name)
    return ConsumerNow(
        name, None if ends is None else lag, samples.seconds_behind(name), samples.taken_per_second(name), len(rows)
    )


async def _open_letters(session: AsyncSession, consumers: Sequence[str]) -> Mapping[tuple[str, int, str], int]:
    """How many there are, by consumer, partition number and topic."""
    where = (DEAD.c.consumer, DEAD.c.partition, DEAD.c.topic)
    among = (DEAD.c.consumer.in_(consumers), DEAD.c.status == OPEN)
    query = select(*where, func.count()).where(*among).group_by(*where)
    return {(consumer, partition, topic): count for consumer, partition, topic, count in await session.exec(query)}


def _letters_at(letters: Mapping[tuple[str, int, str], int], halt: Halt) -> int:
    return sum(
        count
        for (consumer, partition, topic), count in letters.items()
        if (consumer, partition) == (halt.consumer, halt.partition) and halt.topic in ("", topic)
    )


async def _waiting(session: AsyncSession, status: ProcessStatus) -> Waiting:
    definition = status.definition
    events = await unpublished(session)
    unnumbered = select(FeedEntryRow.id).where(col(FeedEntryRow.position).is_(None))
    # By the order of its index, which holds these alone; SQLite would count them in the one of all positions.
    entries = select(func.count()).select_from(unnumbered.order_by(col(FeedEntryRow.id)).subquery())
    pending = select(func.count()).where(DeliveryRow.state == "pending")
    return Waiting(
        events=events,
        oldest_event=await oldest_unpublished(session) if events else None,
        refused=await refused_up_to(session, MOST_REFUSED),
        entries=(await session.exec(entries)).one() if definition.has_webhooks else None,
        deliveries=(await session.exec(pending)).one() if definition.has_webhooks else None,
        mail=await server_state(session) if definition.mail is not None else None,
    )


async def _freshness(session: AsyncSession) -> Freshness:
    entries = select(FeedEntryRow.occurred_at, FeedEntryRow.recorded_at).order_by(col(FeedEntryRow.recorded_at).desc())
    ended = select(DeliveryRow.created_at, DeliveryRow.finished_at).where(col(DeliveryRow.finished_at).is_not(None))
    ended = ended.order_by(col(DeliveryRow.finished_at).desc())
    to_feed = [_seconds(*row) for row in await session.exec(entries.limit(_LATEST))]
    to_receiver = [_seconds(*row) for row in await session.exec(ended.limit(_LATEST))]
    progress = await session.get(FeedProgressRow, 1)
    return Freshness(_median(to_feed), _median(to_receiver), progress.complete_to if progress else None)


def _seconds(began: datetime, ended: datetime | None) -> float:
    return max(0.0, (ended - began).total_seconds()) if ended else 0.0


def _median(values: Sequence[float]) -> float | None:
    return sorted(values)[(len(values) - 1) // 2] if values else None


def _instances(fences: Mapping[str, Sequence[FenceRow]]) -> Mapping[str, Mapping[str, Sequence[int]]]:
    found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for consumer, rows in fences.items():
        for row in sorted(rows, key=lambda each: each.partition):
            found[row.owner or "nobody yet"][consumer].append(row.partition)
    return {owner: dict(found[owner]) for owner in sorted(found)}

"""Everything that the page of what happens now shows, read at one moment."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.delivery.tables import DeliveryRow
from makersync.effects.dead_letters import DEAD, OPEN
from makersync.effects.fence import stored
from makersync.effects.halts import Halt, halts
from makersync.effects.lease import leader_of
from makersync.feed.tables import FeedEntryRow, FeedProgressRow
from makersync.runtime.longest_waits import LongestWaits
from makersync.runtime.operating.waiting import Waiting, read_waiting
from makersync.runtime.samples import Lag
from makersync.runtime.status import ProcessStatus
from makersync.runtime.trouble import Trouble
from makersync.store.tables import ConditionRow, FenceRow

#: From how many of the latest entries and deliveries their times are taken.
_LATEST = 200


@dataclass(frozen=True, slots=True)
class ConsumerNow:
    """One consumer: what it has not taken, as it was last known, and whether the broker says so now; records a second, and how
    many partition numbers it has."""

    name: str
    lag: Lag
    is_told: bool
    per_second: float | None
    partitions: int


@dataclass(frozen=True, slots=True)
class Measuring:
    """How lags are known: whether this process has a broker to ask, when it last measured, and since when the broker has not
    answered it; None while it does, and before the first sample."""

    has_broker: bool
    newest: datetime | None
    silent_since: datetime | None


@dataclass(frozen=True, slots=True)
class HaltNow:
    """A halt, with how many letters of the partition nobody has decided about."""

    halt: Halt
    letters: int


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
    measuring: Measuring
    consumers: Sequence[ConsumerNow]
    written_per_second: float | None
    halted: Sequence[HaltNow]
    letters: int
    waiting: Waiting
    #: None before they were measured.
    waits: LongestWaits | None
    draft_wait_s: float
    freshness: Freshness | None
    publisher: str | None
    #: By instance and consumer the partition numbers that it holds, or held last.
    instances: Mapping[str, Mapping[str, Sequence[int]]]
    #: By rules of the service.
    own: Sequence[Trouble]


async def read_now(session: AsyncSession, status: ProcessStatus, parts: Mapping[str, str]) -> NowReading:
    """`parts` are those of the readiness of this process. The broker is not asked: its answers are in the samples."""
    consumers = status.definition.consumers(status.context)
    fences = {each.name: await stored(session, each.name) for each in consumers}
    open_letters = await _open_letters(session, [each.name for each in consumers])
    return NowReading(
        at=status.context.clock.now(),
        parts=parts,
        conditions=(await session.exec(select(ConditionRow).order_by(col(ConditionRow.since)))).all(),
        measuring=_measuring(status),
        consumers=[_consumer(status, each.name, fences[each.name]) for each in consumers],
        written_per_second=status.samples.written_per_second(),
        halted=[HaltNow(each, _letters_at(open_letters, each)) for each in await halts(session)],
        letters=sum(open_letters.values()),
        waiting=await read_waiting(session, status),
        waits=status.waits,
        draft_wait_s=status.settings.preview_wait,
        freshness=await _freshness(session) if status.definition.has_webhooks else None,
        publisher=await leader_of(session, status.context.clock, f"{status.definition.name}.relay"),
        instances=_instances(fences),
        own=await status.definition.troubles(session, status.context.clock),
    )


def _consumer(status: ProcessStatus, name: str, rows: Sequence[FenceRow]) -> ConsumerNow:
    samples = status.samples
    is_told = samples.newest_at is not None and samples.silent_since is None
    return ConsumerNow(name, samples.lag(name), is_told, samples.taken_per_second(name), len(rows))


def _measuring(status: ProcessStatus) -> Measuring:
    samples, clock = status.samples, status.context.clock

    def moment(at: float | None) -> datetime | None:
        return None if at is None else clock.now() - timedelta(seconds=max(0.0, clock.monotonic() - at))

    return Measuring(status.broker is not None, moment(samples.newest_at), moment(samples.silent_since))


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

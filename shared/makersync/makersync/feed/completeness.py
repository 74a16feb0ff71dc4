"""Up to which moment the feeds are complete, proved from the offsets that the service's consumers have stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.port import Broker, TopicPartition
from makersync.clock import Clock
from makersync.effects.consumer_port import Consumer
from makersync.effects.dead_letters import OPEN
from makersync.effects.fence import stored, untaken
from makersync.feed.tables import FeedProgressRow
from makersync.store.database import Store
from makersync.store.database_time import read_database_time
from makersync.store.tables import DeadLetterRow
from makersync.store.upserts import upsert

#: How often the ends of the topics are asked for, seconds, and how often once nothing is published any more.
ASK_EVERY_S, ASK_IN_QUIET_S = 2.0, 10.0
#: How often it is looked whether the ends are reached, seconds.
LOOK_EVERY_S = 0.5
Bounds = Mapping[TopicPartition, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Question:
    """At `asked_at`, database time, nothing had been published beyond these bounds."""

    asked_at: datetime
    bounds: Bounds


class Completeness:
    """Finds the moment up to which everything that was published to the consumers' topics is in the database.

    It asks the broker where the topics end, and waits until the consumers have stored offsets that reach these ends. While a
    record is set aside and nobody has decided about it, no later moment is reached.
    """

    def __init__(self, store: Store, clock: Clock, broker: Broker, consumers: Sequence[Consumer]) -> None:
        self._store, self._clock, self._broker, self._consumers = store, clock, broker, consumers
        self._question: Question | None = None
        self._last_bounds: Bounds = {}
        self._next_at = 0.0

    async def reached(self) -> datetime | None:
        """The moment of the last question once its ends are reached, and each moment once. Raises BrokerAway."""
        if self._clock.monotonic() < self._next_at:
            return None
        question = self._question = self._question or await self._ask()
        async with self._store.snapshot() as session:
            is_reached = await self._is_reached(session, question.bounds)
        if not is_reached:
            self._next_at = self._clock.monotonic() + LOOK_EVERY_S
            return None
        is_quiet = question.bounds == self._last_bounds
        self._next_at = self._clock.monotonic() + (ASK_IN_QUIET_S if is_quiet else ASK_EVERY_S)
        self._question, self._last_bounds = None, question.bounds
        return question.asked_at

    async def _ask(self) -> Question:
        """The time comes first: what is published while the broker answers is after it."""
        async with self._store.reading() as session:
            asked_at = await read_database_time(session, self._clock)
        topics = sorted({topic for consumer in self._consumers for topic in consumer.topics})
        return Question(asked_at, await self._broker.bounds(topics) if topics else {})

    async def _is_reached(self, session: AsyncSession, bounds: Bounds) -> bool:
        for consumer in self._consumers:
            taken = {row.partition: row.offsets for row in await stored(session, consumer.name)}
            if untaken(taken, {at: each for at, each in bounds.items() if at.topic in consumer.topics}):
                return False
        names = [consumer.name for consumer in self._consumers]
        open_letters = select(DeadLetterRow.id).where(col(DeadLetterRow.consumer).in_(names), DeadLetterRow.status == OPEN)
        return (await session.exec(open_letters.limit(1))).first() is None


async def keep_progress(store: Store, moment: datetime) -> None:
    """Remember that all feeds are complete up to this moment. It never goes back."""
    async with store.unnoticed() as session:
        known = await session.get(FeedProgressRow, 1)
        if known is None or known.complete_to is None or known.complete_to < moment:
            await upsert(session, FeedProgressRow, [{"id": 1, "complete_to": moment}], ["id"])

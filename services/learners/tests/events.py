"""Events of the other services as this one receives them: as records, read by the consumer's own reader."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.topics import CANDIDATE_MATCH, OPENING, SKILL_SHORTAGE
from learners.bootstrap import definition
from makersync.broker.port import Record
from makersync.effects.consumer_port import Consumer, KnownSubject
from makersync.effects.fence import Standing
from makersync.effects.reading import Reading, Received
from makersync.envelope import Event, encode, encode_sequence
from makersync.runtime.service import Context
from makersync.topic import Topic, schema_name

EARLIER = datetime(2026, 11, 22, 8, 59, 59, tzinfo=UTC)
REGION = "49620"

#: Topic, kind, subject, version, the event's data.
Sent = tuple[Topic, str, str, int, dict[str, Any]]


def signal(kind: str, version: int, subject: str = "credential:nims:cnc-milling-operator", **changed: Any) -> Sent:
    counts = {"demand": 9000, "openings": 7, "employers": 4, "supply": 1, "supply_home": 1, "pipeline": 2}
    cell = {"region": REGION, "subject": subject, "level": "severe", "blocked": 5, "tightness": 3666} | counts
    cell |= {"employer_share": 444, "tightness_ahead": 2200, "level_ahead": "shortage"}
    stands_on = {"top_credentials": ["nims:cnc-milling-operator"], "policy_version": 1, "day": "2026-11-22"}
    return SKILL_SHORTAGE, kind, subject, version, cell | stands_on | changed


def match(kind: str, version: int, learner_id: str, opening_id: str = "opn_1", **changed: Any) -> Sent:
    ids = {"region": REGION, "opening_id": opening_id, "learner_id": learner_id}
    ended = kind == "MatchWithdrawn"
    said = {"reason": "outranked"} if ended else {"score": 8200}
    return CANDIDATE_MATCH, kind, f"{opening_id}/{learner_id}", version, ids | said | changed


def opening(version: int, opening_id: str = "opn_1", kind: str = "OpeningRevised", **changed: Any) -> Sent:
    said = {"opening_id": opening_id, "employer_id": "emp_york", "region": REGION, "title": "Mill operator", "status": "open"}
    place = {"zip": "17401", "positions": 3, "filled": 1}
    return OPENING, kind, opening_id, version, said | place | changed


class Feed:
    """Hands batches to the consumer, in the transaction that the loop would open."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._consumers = definition().consumers(context)

    async def known(self, *sent: Sent) -> Sequence[KnownSubject]:
        """What the consumer knows of these subjects before them."""
        consumer = self._consumer_of(sent)
        return await consumer.work(0).known(self._context.store, [received(consumer, each) for each in sent])

    async def batch(self, *sent: Sent, partition: int = 0) -> None:
        async with self._context.store.transaction() as session:
            await self.write(session, *sent, partition=partition)

    async def write(self, session: AsyncSession, *sent: Sent, partition: int = 0) -> None:
        """What the consumer does with a batch in a transaction that goes on."""
        consumer = self._consumer_of(sent)
        work = consumer.work(partition)
        prepared = await work.prepare([received(consumer, each) for each in sent])
        assert await work.write(session, prepared, Standing()) == Standing()

    def _consumer_of(self, sent: Sequence[Sent]) -> Consumer:
        """The one that reads all topics of the batch."""
        [consumer] = [each for each in self._consumers if {topic.name for topic, *_ in sent} <= set(each.topics)]
        return consumer


def received(consumer: Consumer, sent: Sent) -> Received[Reading]:
    topic, kind, subject, version, state = sent
    event = Event(
        id=f"{subject}-{version}",
        source="/makersync/test",
        type=f"{topic.owner}.{kind}",
        subject=subject,
        time=EARLIER,
        dataschema=schema_name(topic),
        partitionkey=state["region"],
        sequence=encode_sequence(version),
        data={"provider_id": "prv_york"} | state,
    )
    record = Record(topic.name, 0, 0, f"{state['region']}/{subject}".encode(), encode(event), 0)
    return consumer.readers[topic.name].read(record, partitions=1)

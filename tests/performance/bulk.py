"""Records of the product's topics, made from drafts in a stream and published straight to the broker."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

from aiokafka import AIOKafkaProducer

from contracts.topics import LEARNER, OPENING
from demo.market.drafts import LearnerDraft, OpeningDraft
from demo.market.generated_market import GeneratedMarket
from makersync.broker.port import Outgoing
from makersync.envelope import Event, encode, encode_sequence
from makersync.topic import Topic, partition_of, schema_name
from reference.places import load_places
from tests.performance.mix import LearnerEvent
from tests.performance.people import People, opening_data, region_of
from tests.performance.stages import PARTITIONS

#: How many records there are, by topic and partition.
Counts = Counter[tuple[str, int]]
#: Records that wait for their acknowledgement at most.
IN_FLIGHT = 5000
LINGER_MS, BATCH_BYTES = 20, 256 * 1024


@dataclass(frozen=True, slots=True)
class Happened:
    """What one record tells: `kind` without its owner, `version` the subject's."""

    topic: Topic
    kind: str
    subject: str
    region: str
    version: int


class Records:
    """Encodes as the outbox does, envelope and all; ids count from one that is nobody else's."""

    def __init__(self, market: GeneratedMarket) -> None:
        self._people = People(market)
        self._places = load_places()
        self._now = datetime.now(UTC)
        self._number = uuid4().int >> 64 << 64
        self._regions: dict[str, tuple[str, ...]] = {}

    def opening(self, draft: OpeningDraft) -> Outgoing:
        return self._record(Happened(OPENING, "OpeningPublished", draft.key, region_of(draft), 1), opening_data(draft))

    def registration(self, draft: LearnerDraft) -> Iterator[Outgoing]:
        """To every region of the reach."""
        return self.learner(LearnerEvent("LearnerRegistered", draft, 1))

    def learner(self, event: LearnerEvent) -> Iterator[Outgoing]:
        """To every region of the reach; those that were left hear that the learner is gone."""
        draft, data = event.draft, self._people.learner_data(event.draft)
        reach = self._places.reach(draft.zip, draft.reach_km, draft.remote_ok)
        for region in reach:
            yield self._told(event, event.kind, region, data | {"region": region})
        for region in self._regions.get(draft.key, ()):
            if region not in reach:
                yield self._told(event, "LearnerWithdrawn", region, {"learner_id": draft.key, "region": region})

    def remember(self, draft: LearnerDraft) -> None:
        """Where the learner was published to: for those who will move."""
        self._regions[draft.key] = self._places.reach(draft.zip, draft.reach_km, draft.remote_ok)

    def learner_in(self, region: str, event: LearnerEvent) -> Outgoing:
        """As one region alone hears of it."""
        return self._told(event, event.kind, region, self._people.learner_data(event.draft) | {"region": region})

    def _told(self, event: LearnerEvent, kind: str, region: str, data: Mapping[str, Any]) -> Outgoing:
        return self._record(Happened(LEARNER, kind, event.draft.key, region, event.version), data)

    def _record(self, told: Happened, data: Mapping[str, Any]) -> Outgoing:
        self._number += 1
        event = Event(
            id=str(UUID(int=self._number)),
            source=f"/makersync/{told.topic.owner}",
            type=f"{told.topic.owner}.{told.kind}",
            subject=told.subject,
            time=self._now,
            dataschema=schema_name(told.topic),
            partitionkey=told.region,
            sequence=encode_sequence(told.version),
            data=dict(data),
        )
        key = f"{told.region}/{told.subject}".encode()
        return Outgoing(told.topic.name, partition_of(told.region, PARTITIONS), key, encode(event))


async def publish(address: str, records: Iterable[Outgoing]) -> Counts:
    """With every replica's acknowledgement; memory is bounded, however many there are."""
    counts: Counts = Counter()
    waiting = iter(records)
    producer = AIOKafkaProducer(bootstrap_servers=address, acks="all", linger_ms=LINGER_MS, max_batch_size=BATCH_BYTES)
    await producer.start()
    try:
        while some := list(islice(waiting, IN_FLIGHT)):
            sent = [await producer.send(r.topic, value=r.value, key=r.key, partition=r.partition) for r in some]
            await asyncio.gather(*sent)
            counts.update((record.topic, record.partition) for record in some)
    finally:
        await producer.stop()
    return counts

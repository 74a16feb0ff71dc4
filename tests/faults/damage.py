"""What others write into the topics: consoles that delete, tools that mirror, programs that err."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from aiokafka import AIOKafkaProducer

from contracts.topics import BY_NAME, TOPICS
from makersync.broker.kafka import KafkaBroker
from makersync.broker.port import Record
from makersync.settings import Settings
from tests.faults.deployment import PARTITIONS, Deployment

TOPIC_NAMES = tuple(topic.name for topic in TOPICS)
GARBAGE = (b"", b"{", b"null", b'{"specversion": "1.0"}', b"\xff\xfe\x00", b"[" * 5000)


@dataclass(frozen=True, slots=True)
class Injury:
    """One record that its topic's owner did not write; `value` None is a null."""

    what: str
    topic: str
    partition: int
    key: bytes | None
    value: bytes | None


class Outsider:
    """Hurts the log of a deployment, each time in another way that `random` chooses."""

    def __init__(self, deployment: Deployment, random: Random) -> None:
        self._deployment, self._random = deployment, random

    async def write_a_wrong_record(self) -> str:
        """Returns what was done, in words."""
        records = await _read(self._deployment.address, self._random.choice(TOPIC_NAMES))
        if not records:
            return "found nothing to hurt"
        injury = self._random.choice((self._null, self._garbage, self._late_copy, self._astray))(records)
        await _write(self._deployment.address, injury)
        return f"{injury.what} in {injury.topic}[{injury.partition}]"

    async def leave_control_record(self) -> str:
        """A transaction's marker at the end of a partition, as a mirroring tool leaves it. Kafka alone knows transactions."""
        topic, aborts = self._random.choice(TOPIC_NAMES), self._random.random() < 0.5
        records = await _read(self._deployment.address, topic)
        if not records:
            return "found nothing to mirror"
        last = self._newest(records)
        await _write_in_transaction(self._deployment.address, last, aborts)
        return f"{'aborted' if aborts else 'committed'} transaction in {topic}[{last.partition}]"

    def _null(self, records: list[Record]) -> Injury:
        return self._over("a null", records, lambda: None)

    def _garbage(self, records: list[Record]) -> Injury:
        return self._over("garbage", records, lambda: self._random.choice(GARBAGE))

    def _over(self, what: str, records: list[Record], value: Callable[[], bytes | None]) -> Injury:
        known = self._random.choice(records)
        return Injury(what, known.topic, known.partition, known.key, value())

    def _late_copy(self, records: list[Record]) -> Injury:
        """Most often of a version that a newer one has replaced."""
        known = self._random.choice(records)
        return Injury("a late copy", known.topic, known.partition, known.key, known.value)

    def _astray(self, records: list[Record]) -> Injury:
        """A sound record in a partition where its region does not belong; the catalog has one partition only."""
        known = self._random.choice(records)
        count = PARTITIONS if BY_NAME[known.topic].by_region else 1
        wrong = (known.partition + 1) % count
        return Injury("a record astray" if count > 1 else "a late copy", known.topic, wrong, known.key, known.value)

    def _newest(self, records: list[Record]) -> Record:
        """The last record of one key, so that a copy of it changes nothing."""
        key = self._random.choice(records).key
        return [record for record in records if record.key == key][-1]


async def _read(address: str, topic: str) -> list[Record]:
    """All that a topic holds now."""
    broker = KafkaBroker(Settings(broker_address=address))
    records: list[Record] = []
    try:
        bounds = await broker.bounds([topic])
        tail = await broker.tail([topic])
        while any(tail.position(at) < end for at, (_, end) in bounds.items()):
            for fetched in (await tail.fetch(5000, 1.0)).values():
                records += fetched
        await tail.close()
    finally:
        await broker.close()
    return [record for record in records if record.value is not None]


async def _write(address: str, injury: Injury) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=address)
    await producer.start()
    try:
        await producer.send_and_wait(injury.topic, injury.value, injury.key, injury.partition)
    finally:
        await producer.stop()


async def _write_in_transaction(address: str, record: Record, aborts: bool) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=address, transactional_id="a-mirroring-tool")
    await producer.start()
    try:
        await producer.begin_transaction()
        await producer.send_and_wait(record.topic, record.value, record.key, record.partition)
        await (producer.abort_transaction() if aborts else producer.commit_transaction())
    finally:
        await asyncio.wait_for(producer.stop(), 10)

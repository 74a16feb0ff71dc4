"""Transactions on Kafka, as a mirroring or restore tool writes them: they leave a marker, an offset without a record."""

from aiokafka import AIOKafkaProducer

from makersync.broker.port import Outgoing


async def write_in_a_transaction(address: str, records: list[Outgoing], *, commit: bool = True) -> None:
    """Write the records; the last offset of each of their partitions is then the marker's."""
    producer = AIOKafkaProducer(bootstrap_servers=address, transactional_id=f"restore-{records[0].topic}")
    await producer.start()
    try:
        await producer.begin_transaction()
        for each in records:
            await producer.send_and_wait(each.topic, value=each.value, key=each.key, partition=each.partition)
        await (producer.commit_transaction() if commit else producer.abort_transaction())
    finally:
        await producer.stop()

"""The number of partitions that a service's events were written for. Stored events know their partition, so it must not
change."""

from collections.abc import Iterable
from typing import cast

from sqlalchemy import Table
from sqlmodel import select

from makersync.errors import OperatorError
from makersync.store.database import Store
from makersync.store.tables import OutboxRow
from makersync.topic import Topic, partition_of

OUTBOX = cast(Table, OutboxRow.__table__)  # type: ignore[attr-defined]
#: With any other number of partitions, some of this many newest events would lie in another partition.
LOOKED_AT = 500


async def check_partition_count(store: Store, topics: Iterable[Topic], partitions: int) -> None:
    """Raises OperatorError if stored events by region were written for another number of partitions."""
    by_region = [topic.name for topic in topics if topic.by_region]
    columns = select(OUTBOX.c.topic, OUTBOX.c.key, OUTBOX.c.partition).where(OUTBOX.c.topic.in_(by_region))
    async with store.reading() as session:
        rows = (await session.exec(columns.order_by(OUTBOX.c.id.desc()).limit(LOOKED_AT))).all()
    for topic, key, partition in rows:
        if partition != (by_number := partition_of(key.partition("/")[0], partitions)):
            raise OperatorError(
                f"MAKERSYNC_PARTITIONS is {partitions}, and the events of this service were written for another number: {key} "
                f"of {topic} lies in partition {partition}, not {by_number}. Set MAKERSYNC_PARTITIONS back to what it was, and "
                "the topics with it: the number of an installation stays as it is"
            )

"""The consumer that must have read its topics to the end once before its successor takes any partition."""

from collections.abc import Mapping

from makersync.broker.port import Broker, TopicPartition
from makersync.effects.consumer_port import Consumer
from makersync.effects.fence import stored, untaken
from makersync.store.database import Store


class Predecessor:
    """Queried until it is done once; with None it is always done. `missing` describes what is left to read."""

    def __init__(self, consumer: Consumer | None) -> None:
        self._consumer = consumer
        self._is_done = consumer is None
        self.missing: str | None = None

    async def is_done(self, broker: Broker, store: Store) -> bool:
        """Raises BrokerAway and DatabaseAway."""
        if self._consumer is None or self._is_done:
            return True
        bounds = await broker.bounds(self._consumer.topics)
        async with store.reading() as session:
            read = {row.partition: row.offsets for row in await stored(session, self._consumer.name)}
        self.missing = _missing(self._consumer.name, read, bounds)
        self._is_done = self.missing is None
        return self._is_done


def _missing(name: str, read: Mapping[int, Mapping[str, int]], bounds: Mapping[TopicPartition, tuple[int, int]]) -> str | None:
    waiting = sorted(untaken(read, bounds).items())
    short = [f"{at.topic} partition {at.partition} up to {upto} of {end}" for at, (upto, end) in waiting]
    return f"waits for {name}, which has read {', '.join(short)}" if short else None

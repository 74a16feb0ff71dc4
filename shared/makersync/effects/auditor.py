"""The auditor: tails the service's own topics and mends what the log ends with (DESIGN, exactly-once effects, 2).

A relay that wakes from a pause, or its old connection, can put version 4 behind version 5, and compaction would keep 4. Where
the last record of a key is not the newest version published, that version is published again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import structlog
from sqlalchemy import Table, func
from sqlmodel import select, update

from makersync.broker.port import Broker, Record, Tail, TopicPartition
from makersync.envelope import Unreadable, decode
from makersync.store.database import Store
from makersync.store.tables import OutboxRow

log = structlog.get_logger(__name__)
OUTBOX = cast(Table, OutboxRow.__table__)  # type: ignore[attr-defined]
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Seen:
    """The last record of a key: its version, and the newest version that any record of the key had."""

    last: int
    newest: int


class Auditor:
    """Follows the log of one service's topics. `census` compares the whole log with the outbox; `step` watches the end."""

    def __init__(self, store: Store, broker: Broker, topics: Sequence[str]) -> None:
        self._store, self._broker, self._topics = store, broker, tuple(topics)
        self._tail: Tail | None = None
        self._seen: dict[tuple[str, str], Seen] = {}
        self.mended = 0

    async def step(self, timeout_s: float) -> int:
        """Read on, and publish again where an older version came last; returns the number of records read."""
        tail = self._tail or await self._broker.tail(self._topics)
        self._tail = tail
        fetched = await tail.fetch(5000, timeout_s)
        suspects = {key for records in fetched.values() for record in records if (key := self._note(record)) is not None}
        stale = sorted(key for key in suspects if self._seen[key].last < self._seen[key].newest)
        await self._mend(stale)
        return sum(len(records) for records in fetched.values())

    def _note(self, record: Record) -> tuple[str, str] | None:
        try:
            version = decode(record.value).version
        except Unreadable as error:
            log.warning(
                "foreign_record", topic=record.topic, partition=record.partition, offset=record.offset, reason=error.reason
            )
            return None
        key = (record.topic, (record.key or b"").decode(errors="replace"))
        newest = self._seen[key].newest if key in self._seen else 0
        self._seen[key] = Seen(version, max(version, newest))
        return key

    async def caught_up(self) -> bool:
        """Whether everything that the log held a moment ago has been read."""
        bounds = await self._broker.bounds(self._topics)
        return self._tail is not None and all(self._tail.position(at) >= end for at, (_, end) in bounds.items())

    async def census(self) -> int:
        """Once caught up: publish again every key whose newest published version is not what the log ends with."""
        newest = await self._newest_published()
        wrong = [key for key, version in newest.items() if key not in self._seen or self._seen[key].last < version]
        if not wrong or not await self.caught_up():
            return 0
        await self._mend(sorted(wrong))
        return len(wrong)

    async def _newest_published(self) -> Mapping[tuple[str, str], int]:
        query = (
            select(OUTBOX.c.topic, OUTBOX.c.key, func.max(OUTBOX.c.version))
            .where(OUTBOX.c.published_at.is_not(None))
            .group_by(OUTBOX.c.topic, OUTBOX.c.key)
        )
        async with self._store.reading() as session:
            return {(topic, key): version for topic, key, version in (await session.exec(query)).all()}

    async def _mend(self, keys: Sequence[tuple[str, str]]) -> None:
        for start in range(0, len(keys), CHUNK):
            async with self._store.transaction() as session:
                for topic, key in keys[start : start + CHUNK]:
                    here = (OUTBOX.c.topic == topic) & (OUTBOX.c.key == key)
                    newest = select(func.max(OUTBOX.c.id)).where(here).scalar_subquery()
                    await session.exec(update(OUTBOX).where(OUTBOX.c.id == newest).values(published_at=None))
        if keys:
            self.mended += len(keys)
            log.warning("log_mended", keys=len(keys), first=keys[0][1])

    def newest_seen(self, topic: str, key: str) -> Seen | None:
        return self._seen.get((topic, key))

    def positions(self, partitions: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        return {} if self._tail is None else {at: self._tail.position(at) for at in partitions}

    async def close(self) -> None:
        if self._tail is not None:
            tail, self._tail = self._tail, None
            await tail.close()

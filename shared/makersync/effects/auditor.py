"""The auditor: tails the service's own topics and mends what the log ends with (DESIGN, exactly-once effects, 2).

A relay that wakes from a pause, or its old connection, can put version 4 behind version 5, and compaction would keep 4. Where
the last record of a key is not the newest version published, that version is published again.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import structlog
from sqlalchemy import Table, Update, func, tuple_
from sqlmodel import select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.port import Broker, Record, Tail, TopicPartition
from makersync.envelope import Unreadable, version_in
from makersync.store.database import Store
from makersync.store.tables import OutboxRow

log = structlog.get_logger(__name__)
OUTBOX = cast(Table, OutboxRow.__table__)  # type: ignore[attr-defined]
#: Records read at once, keys mended in one transaction, keys of the outbox compared in one query.
FETCH, CHUNK, PAGE = 5000, 500, 5000


@dataclass(frozen=True, slots=True)
class Census:
    """Keys whose newest published version the tail had not shown last, and how far it must read to judge them."""

    suspects: Mapping[tuple[str, str], int]
    ends: Mapping[TopicPartition, int]


class Auditor:
    """Follows the log of one service's topics. `step` watches the end; a census compares the whole log with the outbox."""

    def __init__(self, store: Store, broker: Broker, topics: Sequence[str]) -> None:
        self._store, self._broker, self._topics = store, broker, tuple(topics)
        self._tail: Tail | None = None
        #: By topic and hash of the key, the version of the last record. A service may have ten million keys, whose texts would
        #: take a gigabyte; that two of them share 64 bits has odds of one to some hundred thousand.
        self._ends: dict[str, dict[int, int]] = {topic: {} for topic in topics}
        #: The newest version of keys whose last record is older than that.
        self._newest: dict[tuple[str, str], int] = {}
        self._census: Census | None = None
        self._undecided: set[tuple[str, str]] = set()
        self.mended = 0

    async def step(self, timeout_s: float) -> int:
        """Read on, and publish again where an older version came last; returns the number of records read.

        A census that was begun is concluded here, once all has been read that the log held when it began.
        """
        tail = self._tail or await self._broker.tail(self._topics)
        self._tail = tail
        fetched = await tail.fetch(FETCH, timeout_s)
        read = [record for records in fetched.values() for record in records]
        noted = await asyncio.to_thread(self._note_all, read)
        await self._mend(self._undecided | (noted & self._newest.keys()))
        await self._conclude(tail)
        return len(read)

    def _note_all(self, records: Sequence[Record]) -> set[tuple[str, str]]:
        return {key for record in records if (key := self._note(record)) is not None}

    def _note(self, record: Record) -> tuple[str, str] | None:
        try:
            version = version_in(record.value)
        except Unreadable as error:
            log.warning(
                "foreign_record", topic=record.topic, partition=record.partition, offset=record.offset, reason=error.reason
            )
            return None
        key = (record.topic, (record.key or b"").decode(errors="replace"))
        newest = self._newest.pop(key, None) or self._last(key)
        self._ends[key[0]][hash(key[1])] = version
        if version < newest:
            self._newest[key] = newest
        return key

    async def begin_census(self) -> None:
        """From now on: find every key whose newest published version is not what the log ends with."""
        suspects = {key: version async for key, version in self._newest_published() if self._last(key) < version}
        bounds = await self._broker.bounds(self._topics)
        self._census = Census(suspects, {at: end for at, (_, end) in bounds.items()})

    @property
    def is_counting(self) -> bool:
        return self._census is not None

    async def _conclude(self, tail: Tail) -> None:
        census = self._census
        if census is None or any(tail.position(at) < end for at, end in census.ends.items()):
            return
        self._census = None
        await self._mend({key for key, version in census.suspects.items() if self._last(key) < version})

    def _last(self, key: tuple[str, str]) -> int:
        return self._ends.get(key[0], {}).get(hash(key[1]), 0)

    async def _newest_published(self) -> AsyncIterator[tuple[tuple[str, str], int]]:
        """In pages: a service may have millions of keys."""
        after = ("", "")
        while rows := await self._page_of_published(after):
            for topic, key, version in rows:
                yield (topic, key), version
            after = (rows[-1][0], rows[-1][1])

    async def _page_of_published(self, after: tuple[str, str]) -> Sequence[tuple[str, str, int]]:
        query = (
            select(OUTBOX.c.topic, OUTBOX.c.key, func.max(OUTBOX.c.version))
            .where(OUTBOX.c.published_at.is_not(None), tuple_(OUTBOX.c.topic, OUTBOX.c.key) > after)
            .group_by(OUTBOX.c.topic, OUTBOX.c.key)
            .order_by(OUTBOX.c.topic, OUTBOX.c.key)
            .limit(PAGE)
        )
        async with self._store.reading() as session:
            return (await session.exec(query)).all()

    async def _mend(self, keys: Collection[tuple[str, str]]) -> None:
        """Publish again what the outbox has newer than the log ends with. A version that only the log has is left alone: there
        is nothing to mend it with, as when the database was restored from a backup."""
        mended, ordered = 0, sorted(keys)
        self._undecided.update(ordered)
        for start in range(0, len(ordered), CHUNK):
            chunk = ordered[start : start + CHUNK]
            async with self._store.transaction() as session:
                decided = {key for key in chunk if not await self._is_under_way(session, key)}
                for key in sorted(decided):
                    mended += (await session.exec(self._unpublish_newest(key))).rowcount
            self._undecided -= decided
        if mended:
            self.mended += mended
            log.warning("log_mended", keys=mended, first=ordered[0][1])

    async def _is_under_way(self, session: AsyncSession, key: tuple[str, str]) -> bool:
        """What waits may already be in the log, before the record that is wrong, and not yet be marked: the mark would undo a
        mending of today. So it is looked at again."""
        here = (OUTBOX.c.topic == key[0]) & (OUTBOX.c.key == key[1])
        query = select(OUTBOX.c.id).where(here, OUTBOX.c.published_at.is_(None), OUTBOX.c.version > self._last(key))
        return (await session.exec(query)).first() is not None

    def _unpublish_newest(self, key: tuple[str, str]) -> Update:
        here = (OUTBOX.c.topic == key[0]) & (OUTBOX.c.key == key[1])
        newest = select(func.max(OUTBOX.c.id)).where(here).scalar_subquery()
        published = OUTBOX.c.published_at.is_not(None) & (OUTBOX.c.version > self._last(key))
        return update(OUTBOX).where(OUTBOX.c.id == newest, published).values(published_at=None)

    async def close(self) -> None:
        if self._tail is not None:
            tail, self._tail = self._tail, None
            await tail.close()

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
from makersync.effects.last_versions import LastVersions
from makersync.envelope import Unreadable, version_in
from makersync.store.database import Store
from makersync.store.tables import OutboxRow

log = structlog.get_logger(__name__)
OUTBOX = cast(Table, OutboxRow.__table__)  # type: ignore[attr-defined]
#: Records read at once, keys mended in one transaction, keys of the outbox compared in one query.
FETCH, CHUNK, PAGE = 5000, 500, 5000


Key = tuple[str, str]
"""Topic and key."""


@dataclass(frozen=True, slots=True)
class Census:
    """Keys whose newest published version the tail had not shown last, and how far it must read to judge them."""

    suspects: Mapping[Key, int]
    ends: Mapping[TopicPartition, int]


class Auditor:
    """Follows the log of one service's topics. `step` watches the end; a census compares the whole log with the outbox."""

    def __init__(self, store: Store, broker: Broker, topics: Sequence[str]) -> None:
        self._store, self._broker, self._topics = store, broker, tuple(topics)
        self._tail: Tail | None = None
        #: By topic, the version of each key's last record. A service may have ten million keys.
        self._ends = {topic: LastVersions() for topic in topics}
        #: The newest version of keys whose last record is older than that.
        self._newest: dict[Key, int] = {}
        self._census: Census | None = None
        self._undecided: set[Key] = set()
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

    def _note_all(self, records: Sequence[Record]) -> set[Key]:
        told = [each for record in records if (each := _told(record)) is not None]
        last = self._last_of({key for key, _ in told})
        for key, version in told:
            newest = self._newest.pop(key, None) or last[key]
            last[key] = version
            if version < newest:
                self._newest[key] = newest
        for topic, ends in self._ends.items():
            ends.put({key: version for (name, key), version in last.items() if name == topic})
        return set(last)

    async def begin_census(self) -> None:
        """From now on: find every key whose newest published version is not what the log ends with."""
        suspects: dict[Key, int] = {}
        async for page in self._newest_published():
            last = self._last_of(page)
            suspects |= {key: version for key, version in page.items() if last[key] < version}
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
        last = self._last_of(census.suspects)
        await self._mend({key for key, version in census.suspects.items() if last[key] < version})

    def _last_of(self, keys: Collection[Key]) -> dict[Key, int]:
        """The version that each key's last record has, 0 for a key that was not read."""
        last = dict.fromkeys(keys, 0)
        for topic, ends in self._ends.items():
            mine = [key for key in keys if key[0] == topic]
            last.update(zip(mine, ends.of([key for _, key in mine]), strict=True))
        return last

    async def _newest_published(self) -> AsyncIterator[dict[Key, int]]:
        """In pages: a service may have millions of keys."""
        after = ("", "")
        while rows := await self._page_of_published(after):
            yield {(topic, key): version for topic, key, version in rows}
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

    async def _mend(self, keys: Collection[Key]) -> None:
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

    async def _is_under_way(self, session: AsyncSession, key: Key) -> bool:
        """What waits may already be in the log, before the record that is wrong, and not yet be marked: the mark would undo a
        mending of today. So it is looked at again."""
        here = (OUTBOX.c.topic == key[0]) & (OUTBOX.c.key == key[1])
        query = select(OUTBOX.c.id).where(here, OUTBOX.c.published_at.is_(None), OUTBOX.c.version > self._last_of([key])[key])
        return (await session.exec(query)).first() is not None

    def _unpublish_newest(self, key: Key) -> Update:
        here = (OUTBOX.c.topic == key[0]) & (OUTBOX.c.key == key[1])
        newest = select(func.max(OUTBOX.c.id)).where(here).scalar_subquery()
        published = OUTBOX.c.published_at.is_not(None) & (OUTBOX.c.version > self._last_of([key])[key])
        return update(OUTBOX).where(OUTBOX.c.id == newest, published).values(published_at=None)

    async def close(self) -> None:
        if self._tail is not None:
            tail, self._tail = self._tail, None
            await tail.close()


def _told(record: Record) -> tuple[Key, int] | None:
    """The key of a record and the version that it tells."""
    try:
        version = version_in(record.value)
    except Unreadable as error:
        log.warning("foreign_record", topic=record.topic, partition=record.partition, offset=record.offset, reason=error.reason)
        return None
    return (record.topic, (record.key or b"").decode(errors="replace")), version

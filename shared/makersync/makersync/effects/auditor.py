"""The auditor: tails the service's own topics and mends what the log ends with (DESIGN, exactly-once effects, 2).

A relay that wakes from a pause, or its old connection, can put version 4 behind version 5, and compaction would keep 4. Where
the last record of a key is not the newest version published, that version is published again; a record that nobody can read
counts as version 0. What the log has and the store has not is no more for the log to mend (`makersync.effects.agreement`).
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import structlog
from sqlalchemy import Table, Update, case, func, tuple_
from sqlmodel import select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.port import Broker, Record, Tail, TopicPartition
from makersync.effects.agreement import ahead_of_store, is_behind, newest_outbox, noted, read_marks, save_marks, settle
from makersync.effects.comparison import compare
from makersync.effects.last_versions import LastVersions
from makersync.effects.own_topics import Key, OwnRecord, OwnTopics, own_records
from makersync.effects.owner import Owner
from makersync.log_rate_limit import LogRateLimit
from makersync.store.tables import OutboxRow

log = structlog.get_logger(__name__)
OUTBOX = cast(Table, OutboxRow.__table__)  # type: ignore[attr-defined]
#: Records read at once, keys mended in one transaction, keys of the outbox compared in one query.
FETCH, CHUNK, PAGE = 5000, 500, 5000
#: How often to note how far the log was compared, seconds: so much is read again at the next start.
MARK_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class Census:
    """Keys whose newest published version the tail had not shown last, and how far it must read to judge them."""

    suspects: Mapping[Key, int]
    ends: Mapping[TopicPartition, int]


@dataclass(slots=True)
class _LogTail:
    """The tail of one auditor. What the log held when it began (`ends`) may be older than anything that runs now."""

    tail: Tail
    ends: Mapping[TopicPartition, int]
    marks: dict[TopicPartition, int]
    newest_outbox: int

    def is_new(self, told: OwnRecord) -> bool:
        return told.offset >= self.marks.get(told.at, 0)

    def positions(self) -> dict[TopicPartition, int]:
        return {at: self.tail.position(at) for at in self.ends}


class Auditor:
    """Follows the log of one service's topics. `step` watches the end; a census compares the whole log with the outbox."""

    def __init__(self, owner: Owner, broker: Broker, own: OwnTopics) -> None:
        self._owner, self._store, self._broker, self._own = owner, owner.store, broker, own
        self._reading: _LogTail | None = None
        #: By topic, the version of each key's last record. A service may have ten million keys.
        self._ends = {topic: LastVersions() for topic in own.names}
        #: The newest version of keys whose last record is older than that.
        self._newest: dict[Key, int] = {}
        self._census: Census | None = None
        self._undecided: set[Key] = set()
        self._uncompared: list[OwnRecord] = []
        self._foreign = LogRateLimit(owner.clock.monotonic)
        self._next_mark = 0.0
        self.is_caught_up = False
        self.mended = 0

    async def step(self, timeout_s: float) -> int:
        """Read on, and publish again where an older version came last; returns the number of records read.

        A census that was begun is concluded here, once all has been read that the log held when it began.
        """
        reading = self._reading or await self._begin()
        self._reading = reading
        await self._notice_older_store(reading)
        fetched = await reading.tail.fetch(FETCH, timeout_s)
        read = [record for records in fetched.values() for record in records]
        await asyncio.to_thread(self._note_all, read, reading)
        await self._compare(reading)
        if not self.is_caught_up and _has_reached(reading.tail, reading.ends):
            await self._catch_up()
        if self.is_caught_up:
            await self._mend(self._undecided)
            await self._conclude(reading.tail)
            await self._mark(reading)
        return len(read)

    async def _begin(self) -> _LogTail:
        async with self._store.reading() as session:
            marks, newest = await read_marks(session, self._own), await newest_outbox(session)
        bounds = await self._broker.bounds(self._own.names)
        ends = {at: end for at, (_, end) in bounds.items()}
        return _LogTail(await self._broker.tail(self._own.names), ends, marks, newest)

    def _note_all(self, records: Sequence[Record], reading: _LogTail) -> None:
        told = own_records(records, self._own)
        self._report([each for each in told if each.reason is not None and reading.is_new(each)])
        told = [each for each in told if each.in_place]
        last = self._last_of({each.topic_key for each in told})
        noted = set(last)
        for each in told:
            newest = self._newest.pop(each.topic_key, None) or last[each.topic_key]
            last[each.topic_key] = each.version
            if each.version < newest:
                self._newest[each.topic_key] = newest
        self._put(last)
        self._undecided |= noted & self._newest.keys()
        self._uncompared += [each for each in told if each.version and reading.is_new(each)]

    def _report(self, foreign: Sequence[OwnRecord]) -> None:
        for each in foreign:
            reason = each.reason or ""
            self._owner.metrics.foreign_records.labels(reason).inc()
            if self._foreign.allows(reason):
                at = {"topic": each.topic, "partition": each.partition, "offset": each.offset}
                log.warning("foreign_record", **at, reason=reason, suppressed=self._foreign.take_suppressed(reason))

    def _put(self, last: Mapping[Key, int]) -> None:
        for topic, ends in self._ends.items():
            ends.put({key: version for (name, key), version in last.items() if name == topic})

    async def _compare(self, reading: _LogTail) -> None:
        """What is new in the log against the store, which is read after it."""
        if not self._uncompared:
            return
        async with self._store.reading() as session:
            ahead = await ahead_of_store(session, self._uncompared)
        if ahead:
            strange = [each for each in ahead if each.offset >= reading.ends.get(each.at, 0)]
            await self._settle([each for each in ahead if each.offset < reading.ends.get(each.at, 0)], covered=False)
            await self._settle(strange, covered=True)
            self._cover({each.topic_key: each.version for each in strange})
        self._uncompared = []

    def _cover(self, strange: Mapping[Key, int]) -> None:
        """The store's newest event is to come last again, which is what a version 0 asks for. That a stranger's version was
        there is known to the store from now on."""
        last = self._last_of(strange.keys())
        for key, version in strange.items():
            self._newest.pop(key, None)
            if last[key] == version:
                self._put({key: 0})
                self._undecided.add(key)

    async def _catch_up(self) -> None:
        """What was wrong for a while and was mended since needs nothing; what an earlier auditor was to cover is covered."""
        self._undecided &= self._newest.keys()
        async with self._store.reading() as session:
            rows = await noted(session)
        self._cover({(row.topic, row.key): row.version for row in rows if row.covered})
        self.is_caught_up = True

    async def _settle(self, found: Sequence[OwnRecord], covered: bool) -> None:
        if found:
            async with self._store.transaction() as session:
                await settle(session, self._owner.clock, self._own, found, covered)

    async def _notice_older_store(self, reading: _LogTail) -> None:
        """A store that was restored beneath a running service: nothing new comes in the log, but it knows less than it did."""
        async with self._store.reading() as session:
            newest = await newest_outbox(session)
        if newest < reading.newest_outbox:
            log.error("store_taken_back", service=self._own.service)
            await compare(self._owner, self._broker, self._own)
            bounds = await self._broker.bounds(self._own.names)
            # What was under way when the store changed is no stranger's.
            reading.ends = {at: end for at, (_, end) in bounds.items()}
        reading.newest_outbox = newest

    async def _mark(self, reading: _LogTail) -> None:
        """Note how far all has been compared. What is ahead stays noted apart from that."""
        positions, now = reading.positions(), self._owner.clock.monotonic()
        if now < self._next_mark or positions == reading.marks or self._uncompared:
            return
        async with self._store.transaction() as session:
            if not await is_behind(session):
                await save_marks(session, positions)
                reading.marks = positions
        self._next_mark = now + MARK_EVERY_S

    async def begin_census(self) -> None:
        """From now on: find every key whose newest published version is not what the log ends with; and at once every key that
        the log, as far as it was read, has newer than the store."""
        suspects: dict[Key, int] = {}
        tallies = {topic: await asyncio.to_thread(ends.tally) for topic, ends in self._ends.items()}
        async for published, written in self._newest_in_store():
            last = self._last_of(published)
            suspects |= {key: version for key, version in published.items() if last[key] < version}
            for topic, tally in tallies.items():
                tally.settle({key: version for (name, key), version in written.items() if name == topic})
        await self._judge(sum(tally.left for tally in tallies.values()))
        bounds = await self._broker.bounds(self._own.names)
        self._census = Census(suspects, {at: end for at, (_, end) in bounds.items()})

    async def _judge(self, ahead: int) -> None:
        """The log has keys that the store does not: read it again to tell which, unless they are known already."""
        async with self._store.reading() as session:
            is_known, is_noted = await is_behind(session), bool(await noted(session))
        if ahead and not is_known:
            await compare(self._owner, self._broker, self._own, whole=True)
        elif is_known or is_noted:
            async with self._store.transaction() as session:
                await settle(session, self._owner.clock, self._own)

    @property
    def is_counting(self) -> bool:
        return self._census is not None

    async def _conclude(self, tail: Tail) -> None:
        census = self._census
        if census is None or not _has_reached(tail, census.ends):
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

    async def _newest_in_store(self) -> AsyncIterator[tuple[dict[Key, int], dict[Key, int]]]:
        """The newest version published of each key, and the newest written, in pages: a service may have millions of keys."""
        after = ("", "")
        while rows := await self._page_of_store(after):
            published = {(topic, key): version for topic, key, version, _ in rows if version is not None}
            yield published, {(topic, key): version for topic, key, _, version in rows}
            after = (rows[-1][0], rows[-1][1])

    async def _page_of_store(self, after: tuple[str, str]) -> Sequence[tuple[str, str, int | None, int]]:
        published = func.max(case((OUTBOX.c.published_at.is_not(None), OUTBOX.c.version)))
        query = (
            select(OUTBOX.c.topic, OUTBOX.c.key, published, func.max(OUTBOX.c.version))
            .where(tuple_(OUTBOX.c.topic, OUTBOX.c.key) > after)
            .group_by(OUTBOX.c.topic, OUTBOX.c.key)
            .order_by(OUTBOX.c.topic, OUTBOX.c.key)
            .limit(PAGE)
        )
        async with self._store.reading() as session:
            return (await session.exec(query)).all()

    async def _mend(self, keys: Collection[Key]) -> None:
        """Publish again what the outbox has newer than the log ends with."""
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
        if self._reading is not None:
            reading, self._reading = self._reading, None
            await reading.tail.close()


def _has_reached(tail: Tail, ends: Mapping[TopicPartition, int]) -> bool:
    return all(tail.position(at) >= end for at, end in ends.items())

"""The auditor: follows the service's own topics and repairs keys whose last record is outdated
(DESIGN, exactly-once effects, 2).

A relay that resumes after a pause, or a connection that it has left behind, can write version 4 after version 5, and compaction
would then keep version 4. If the last record of a key is not its newest published version, the auditor publishes that version
again. An unreadable record counts as version 0. Records that the log has and the store lacks cannot be repaired in the log; see
`makersync.effects.agreement`.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import cast

import structlog
from sqlalchemy import Table, Update, case, func, tuple_
from sqlmodel import select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.port import Broker, Record, Tail, TopicPartition
from makersync.effects.agreement import ahead_of_store, is_behind, newest_outbox, noted, read_marks, save_marks, settle
from makersync.effects.audited_log import Census, LogTail
from makersync.effects.comparison import compare
from makersync.effects.last_versions import LastVersions
from makersync.effects.own_topics import Key, OwnRecord, OwnTopics, own_records
from makersync.effects.owner import Owner
from makersync.log_rate_limit import LogRateLimit
from makersync.store.repeated_look import RepeatedLook
from makersync.store.tables import OutboxRow

log = structlog.get_logger(__name__)
OUTBOX = cast(Table, OutboxRow.__table__)  # type: ignore[attr-defined]
#: Records per fetch, keys repaired per transaction, and outbox keys per query of a census.
FETCH, CHUNK, PAGE = 5000, 500, 5000
#: Seconds between two saved marks; at most this much of the log is read again after a restart.
MARK_EVERY_S = 5.0


class Auditor:
    """Follows the topics of one service. `step` reads new records; a census compares the whole log with the outbox."""

    def __init__(self, owner: Owner, broker: Broker, own: OwnTopics) -> None:
        self._owner, self._store, self._broker, self._own = owner, owner.store, broker, own
        self._reading: LogTail | None = None
        #: By topic, the version of each key's last record. A service may have ten million keys.
        self._ends = {topic: LastVersions() for topic in own.names}
        #: The newest version of each key whose last record is older than that version.
        self._newest: dict[Key, int] = {}
        self._census: Census | None = None
        self._undecided: set[Key] = set()
        self._uncompared: list[OwnRecord] = []
        self._foreign = LogRateLimit(owner.clock.monotonic)
        self._next_mark = 0.0
        self._look = RepeatedLook(owner.store, owner.clock)
        self.is_caught_up = False
        self.repaired = 0

    async def step(self, timeout_s: float) -> int:
        """Read records, and publish a key again where an older version came last; returns the number of records read.

        A census concludes in the step that reaches the offsets at which the log ended when the census began.
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
            await self._repair(self._undecided)
            await self._conclude(reading.tail)
            await self._mark(reading)
        return len(read)

    async def _begin(self) -> LogTail:
        async with self._store.reading() as session:
            marks, newest = await read_marks(session, self._own), await newest_outbox(session)
        bounds = await self._broker.bounds(self._own.names)
        ends = {at: end for at, (_, end) in bounds.items()}
        return LogTail(await self._broker.tail(self._own.names), ends, marks, newest)

    def _note_all(self, records: Sequence[Record], reading: LogTail) -> None:
        own_batch = own_records(records, self._own)
        self._report([each for each in own_batch if each.reason is not None and reading.is_new(each)])
        own_batch = [each for each in own_batch if each.in_place]
        last = self._last_of({each.topic_key for each in own_batch})
        noted = set(last)
        for each in own_batch:
            newest = self._newest.pop(each.topic_key, None) or last[each.topic_key]
            last[each.topic_key] = each.version
            if each.version < newest:
                self._newest[each.topic_key] = newest
        self._put(last)
        self._undecided |= noted & self._newest.keys()
        self._uncompared += [each for each in own_batch if each.version and reading.is_new(each)]

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

    async def _compare(self, reading: LogTail) -> None:
        """Compare new records with the store. The store is read after the log, as `makersync.effects.agreement` requires."""
        if not self._uncompared:
            return
        async with self._store.reading() as session:
            ahead = await ahead_of_store(session, self._uncompared)
        if ahead:
            foreign = [each for each in ahead if each.offset >= reading.ends.get(each.at, 0)]
            await self._settle([each for each in ahead if each.offset < reading.ends.get(each.at, 0)], covered=False)
            await self._settle(foreign, covered=True)
            self._cover({each.topic_key: each.version for each in foreign})
        self._uncompared = []

    def _cover(self, foreign: Mapping[Key, int]) -> None:
        """Have the store's newest event published again after a foreign record, by treating that record as version 0.

        The version of the foreign record has been noted in the store already.
        """
        last = self._last_of(foreign.keys())
        for key, version in foreign.items():
            self._newest.pop(key, None)
            if last[key] == version:
                self._put({key: 0})
                self._undecided.add(key)

    async def _catch_up(self) -> None:
        """Drop suspects that later records have corrected, and cover the foreign records that an earlier auditor left
        uncovered."""
        self._undecided &= self._newest.keys()
        async with self._store.reading() as session:
            rows = await noted(session)
        self._cover({(row.topic, row.key): row.version for row in rows if row.covered})
        self.is_caught_up = True

    async def _settle(self, found: Sequence[OwnRecord], covered: bool) -> None:
        if found:
            async with self._store.transaction() as session:
                await settle(session, self._owner.clock, self._own, found, covered)

    async def _notice_older_store(self, reading: LogTail) -> None:
        """Compare again when the database was restored while the service runs: no new record arrives to reveal it."""
        if not self._look.is_needed():
            return
        async with self._store.reading() as session:
            newest = await newest_outbox(session)
        self._look.found_nothing()
        if newest < reading.newest_outbox:
            log.error("store_restored_to_older_state", service=self._own.service)
            await compare(self._owner, self._broker, self._own)
            bounds = await self._broker.bounds(self._own.names)
            # Records that were in flight during the restore are not foreign.
            reading.ends = {at: end for at, (_, end) in bounds.items()}
        reading.newest_outbox = newest

    async def _mark(self, reading: LogTail) -> None:
        """Save how far the log has been compared. Records ahead of the store are noted separately."""
        positions, now = reading.positions(), self._owner.clock.monotonic()
        if now < self._next_mark or positions == reading.marks or self._uncompared:
            return
        async with self._store.transaction() as session:
            if not await is_behind(session):
                await save_marks(session, positions)
                reading.marks = positions
        self._next_mark = now + MARK_EVERY_S

    async def begin_census(self) -> None:
        """Start looking for keys whose newest published version is not their last record in the log. Keys whose log is ahead of
        the store are counted at once, as far as the log has been read."""
        suspects: dict[Key, int] = {}
        behind = {topic: await asyncio.to_thread(ends.keys_behind) for topic, ends in self._ends.items()}
        async for published, written in self._newest_in_store():
            last = self._last_of(published)
            suspects |= {key: version for key, version in published.items() if last[key] < version}
            for topic, keys in behind.items():
                keys.settle({key: version for (name, key), version in written.items() if name == topic})
        await self._judge(sum(keys.left for keys in behind.values()))
        bounds = await self._broker.bounds(self._own.names)
        self._census = Census(suspects, {at: end for at, (_, end) in bounds.items()})

    async def _judge(self, ahead: int) -> None:
        """If the log has keys that the store lacks, read it again to identify them, unless they are known already."""
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
        await self._repair({key for key, version in census.suspects.items() if last[key] < version})

    def _last_of(self, keys: Collection[Key]) -> dict[Key, int]:
        """The version of each key's last record; 0 for a key that has not been read."""
        last = dict.fromkeys(keys, 0)
        for topic, ends in self._ends.items():
            mine = [key for key in keys if key[0] == topic]
            last.update(zip(mine, ends.of([key for _, key in mine]), strict=True))
        return last

    async def _newest_in_store(self) -> AsyncIterator[tuple[dict[Key, int], dict[Key, int]]]:
        """For each key the newest published version and the newest version, in pages, because a service may have millions of
        keys."""
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

    async def _repair(self, keys: Collection[Key]) -> None:
        """Publish the newest event of each key whose outbox version is above its last record in the log."""
        repaired, ordered = 0, sorted(keys)
        self._undecided.update(ordered)
        for start in range(0, len(ordered), CHUNK):
            chunk = ordered[start : start + CHUNK]
            async with self._store.transaction() as session:
                decided = {key for key in chunk if not await self._is_under_way(session, key)}
                for key in sorted(decided):
                    repaired += (await session.exec(self._unpublish_newest(key))).rowcount
            self._undecided -= decided
        if repaired:
            self.repaired += repaired
            log.warning("log_repaired", keys=repaired, first=ordered[0][1])

    async def _is_under_way(self, session: AsyncSession, key: Key) -> bool:
        """Whether a newer event of the key is still unpublished, in which case the key is judged again later.

        That event may be in the log already, ahead of the outdated record, and not be marked yet. Marking it would then undo a
        repair made now.
        """
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

"""Compares a service's store with its own topics (DESIGN, exactly-once effects, 10).

The outbox keeps the newest event of every key for good, and an event is committed there before it is published. A record on the
service's own topics therefore shows that the store was lost or restored, or that a foreign process wrote to the topic, if its
version is above the newest in the outbox or if it carries another event at that version. Always read the log first and the
store second: events that are written in between are then never mistaken for a disagreement.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import structlog
from sqlalchemy import ColumnElement, LargeBinary, Table, and_, delete, or_, tuple_
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.port import TopicPartition
from makersync.clock import Clock
from makersync.effects.conditions import Condition, declare, lift
from makersync.effects.own_topics import Key, OwnRecord, OwnTopics
from makersync.envelope import decode_sealed
from makersync.store.among import among
from makersync.store.tables import AheadRow, ConditionRow, OutboxRow, OwnMarkRow, RefusedEventRow
from makersync.store.upserts import upsert

log = structlog.get_logger(__name__)
OUTBOX = cast(Table, OutboxRow.__table__)  # type: ignore[attr-defined]
REFUSED = cast(Table, RefusedEventRow.__table__)  # type: ignore[attr-defined]
AHEAD = cast(Table, AheadRow.__table__)  # type: ignore[attr-defined]
#: Name of the condition. An operator who has repaired the store may lift it; it is declared again if any record is still ahead.
BEHIND_LOG = "behind_log"
#: At most this many keys are recorded one by one; beyond that, the log itself is the only list.
MOST_NOTED = 10_000
#: CHUNK: keys per query. HEAD: leading bytes of an event that are sure to contain its id, which is encoded first.
CHUNK, HEAD = 500, 280


async def ahead_of_store(session: AsyncSession, records: Iterable[OwnRecord]) -> list[OwnRecord]:
    """The records that the store does not have: those with a version above the newest of their key, or with another event at
    that version.

    Older versions are not compared, because the store may have pruned them.
    """
    by_topic: dict[str, list[OwnRecord]] = {}
    for each in records:
        if each.version:
            by_topic.setdefault(each.topic, []).append(each)
    found: list[OwnRecord] = []
    for topic, some in by_topic.items():
        for start in range(0, len(some), CHUNK):
            chunk = some[start : start + CHUNK]
            newest = await _newest(session, topic, {each.key for each in chunk})
            suspects = [each for each in chunk if _is_ahead(each, *newest.get(each.key, (0, b"")))]
            known = await _known(session, topic, suspects) if suspects else ()
            found += [each for each in suspects if (each.key, each.version, each.event_id) not in known]
    return found


async def _known(session: AsyncSession, topic: str, suspects: Sequence[OwnRecord]) -> set[tuple[str, int, str]]:
    """Key, version and event id of those suspects that the store does hold.

    The first bytes of an event are not conclusive: an event that was adopted from the log keeps the foreign writer's encoding.
    An event that the broker refused may also be in the log, if an earlier attempt to publish it was written without an
    acknowledgement.
    """
    keys, versions = sorted({each.key for each in suspects}), {each.version for each in suspects}
    found: set[tuple[str, int, str]] = set()
    for table in (OUTBOX, REFUSED):
        columns = select(table.c.key, table.c.version, table.c.payload)
        here = (table.c.topic == topic, among(session, table.c.key, keys), table.c.version.in_(versions))
        rows = (await session.exec(columns.where(*here))).all()
        found |= {(key, version, decode_sealed(payload).id) for key, version, payload in rows}
    return found


def _is_ahead(record: OwnRecord, version: int, head: bytes) -> bool:
    """Compares with the first bytes of the newest event, which is reliable only for events that this kit has encoded."""
    return record.version > version or (record.version == version and b'"id":"%s"' % record.event_id.encode() not in head)


async def _newest(session: AsyncSession, topic: str, keys: set[str]) -> dict[str, tuple[int, bytes]]:
    """The newest version of each key, published or not, with the first bytes of its event."""
    mine = among(session, OUTBOX.c.key, sorted(keys))
    newest = (
        select(OUTBOX.c.key, func.max(OUTBOX.c.version).label("version"))
        .where(OUTBOX.c.topic == topic, mine)
        .group_by(OUTBOX.c.key)
        .subquery()
    )
    here = and_(OUTBOX.c.topic == topic, OUTBOX.c.key == newest.c.key, OUTBOX.c.version == newest.c.version)
    head = func.substr(OUTBOX.c.payload, 1, HEAD, type_=LargeBinary)
    rows = (await session.exec(select(OUTBOX.c.key, OUTBOX.c.version, head).join(newest, here))).all()
    return {key: (version, bytes(start)) for key, version, start in rows}


async def newest_outbox(session: AsyncSession) -> int:
    """The highest outbox id ever assigned in this store; 0 when there is none.

    It falls only when an older copy of the database is restored: the last event written is always the newest of its key and is
    never pruned, and an event that the broker refuses keeps its id.
    """
    written, refused = select(func.max(OUTBOX.c.id)), select(func.max(REFUSED.c.id))
    return max((await session.exec(written)).one() or 0, (await session.exec(refused)).one() or 0)


async def read_marks(session: AsyncSession, own: OwnTopics) -> dict[TopicPartition, int]:
    """The offset up to which each partition has been compared. Marks that were saved with a newer outbox than the present one
    are ignored."""
    rows = (await session.exec(select(OwnMarkRow).where(col(OwnMarkRow.topic).in_(own.names)))).all()
    newest = await newest_outbox(session)
    return {TopicPartition(row.topic, row.partition): row.next_offset for row in rows if row.newest_outbox <= newest}


async def save_marks(session: AsyncSession, positions: Mapping[TopicPartition, int]) -> None:
    """Record that everything before these positions has been compared, and that every record found ahead has been noted."""
    newest = await newest_outbox(session)
    rows = [
        {"topic": at.topic, "partition": at.partition, "next_offset": offset, "newest_outbox": newest}
        for at, offset in sorted(positions.items())
    ]
    await upsert(session, OwnMarkRow, rows, ["topic", "partition"])


async def forget_marks(session: AsyncSession) -> None:
    """Call it when the service moves to another log."""
    await session.exec(delete(cast(Table, OwnMarkRow.__table__)))  # type: ignore[attr-defined]


async def is_behind(session: AsyncSession) -> bool:
    """Whether it is known that the store is behind its own topics."""
    return await session.get(ConditionRow, BEHIND_LOG) is not None


def may_be_published() -> ColumnElement[bool]:
    """A condition on outbox rows: while the store is behind, only events that cover a foreign record may be published."""
    behind = select(ConditionRow.name).where(ConditionRow.name == BEHIND_LOG).exists()
    here = and_(AHEAD.c.covered, AHEAD.c.topic == OUTBOX.c.topic, AHEAD.c.key == OUTBOX.c.key)
    return or_(~behind, select(AHEAD.c.key).where(here).correlate(OUTBOX).exists())


async def noted(session: AsyncSession) -> list[AheadRow]:
    """Records that were found ahead of the store and are not settled yet.

    A repair must use versions above these even where the log has been compacted since, because readers remember them.
    """
    return list((await session.exec(select(AheadRow).order_by(col(AheadRow.topic), col(AheadRow.key)))).all())


async def forget_noted(session: AsyncSession, topic: str, key: str) -> None:
    """For a key that an operator has declared void: no later version will ever settle it."""
    await session.exec(delete(AHEAD).where((AHEAD.c.topic == topic) & (AHEAD.c.key == key)))


async def count_noted(session: AsyncSession) -> int:
    """The number of keys that are noted as ahead of the store."""
    return (await session.exec(select(func.count()).select_from(AHEAD))).one()


async def settle(
    session: AsyncSession, clock: Clock, own: OwnTopics, found: Sequence[OwnRecord] = (), covered: bool = False
) -> int:
    """Note the records found, drop those that the store has passed since, and declare or lift the condition; returns how many
    keys are still ahead. `covered` has the meaning of `AheadRow.covered`."""
    await upsert(session, AheadRow, [_row(each, covered) for each in found], ["topic", "key"], newer_by="version")
    rows = await noted(session)
    left = await ahead_of_store(session, map(_own_record, rows))
    still = {each.topic_key for each in left}
    settled = [(row.topic, row.key) for row in rows if (row.topic, row.key) not in still]
    for start in range(0, len(settled), CHUNK):
        here = tuple_(AHEAD.c.topic, AHEAD.c.key).in_(settled[start : start + CHUNK])
        await session.exec(delete(AHEAD).where(here))
    if left:
        await _declare(session, clock, own, left)
    elif await lift(session, BEHIND_LOG):
        log.warning("store_agrees_with_log_again", service=own.service)
    return len(left)


def _row(record: OwnRecord, covered: bool) -> dict[str, Any]:
    return {
        "topic": record.topic,
        "key": record.key,
        "partition": record.partition,
        "offset": record.offset,
        "version": record.version,
        "event_id": record.event_id,
        "covered": covered,
    }


def _own_record(row: AheadRow) -> OwnRecord:
    return OwnRecord(row.topic, row.partition, row.offset, row.key, row.version, row.event_id)


async def _declare(session: AsyncSession, clock: Clock, own: OwnTopics, left: Sequence[OwnRecord]) -> None:
    first = left[0]
    newest = await _newest(session, first.topic, {first.key})
    known, _ = newest.get(first.key, (0, b""))
    is_lost = await newest_outbox(session) == 0
    condition = Condition(BEHIND_LOG, _problem(left, known, is_lost), _remedy(own, is_lost), stops_writes=True)
    if await declare(session, clock, condition):
        log.error(
            "store_behind_log", service=own.service, keys=len(left), key=first.key, store=known, log=first.version, lost=is_lost
        )


def _problem(left: Sequence[OwnRecord], known: int, is_lost: bool) -> str:
    first, count = left[0], f"{'at least ' if len(left) >= MOST_NOTED else ''}{len(left)}"
    if is_lost:
        return f"The database holds nothing, and the service's own topics hold versions of {count} keys: it was lost"
    same = "another event of version" if known == first.version else "version"
    return (
        f"The database is behind the service's own topics in {count} keys: of {first.key} {first.topic} holds {same} "
        f"{first.version}, the database version {known}. It was restored, or something else wrote to the topics"
    )


def _remedy(own: OwnTopics, is_lost: bool) -> str:
    if is_lost and own.when_lost:
        return own.when_lost
    return f"Run `makersync reconcile {own.service}`"


def keys_of(records: Iterable[OwnRecord]) -> set[Key]:
    return {each.topic_key for each in records}

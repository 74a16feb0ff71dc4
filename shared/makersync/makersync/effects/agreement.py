"""Whether a service's store holds what its own topics say (DESIGN, exactly-once effects, 10).

The outbox keeps the newest event of every key for ever, and an event is committed there before it is published. So a record
of the service's own topics with a version that the outbox does not have, or with another event of the newest one, was written
by a store that was lost or restored since, or by a stranger. Read the log first and the store after: what others write
meanwhile is then no disagreement.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import structlog
from sqlalchemy import ARRAY, Column, ColumnElement, LargeBinary, String, Table, and_, any_, delete, literal, or_, tuple_
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.port import TopicPartition
from makersync.clock import Clock
from makersync.effects.conditions import Condition, declare, lift
from makersync.effects.own_topics import Key, OwnRecord, OwnTopics
from makersync.envelope import decode_sealed
from makersync.store.tables import AheadRow, ConditionRow, OutboxRow, OwnMarkRow, RefusedEventRow
from makersync.store.upserts import upsert

log = structlog.get_logger(__name__)
OUTBOX = cast(Table, OutboxRow.__table__)  # type: ignore[attr-defined]
REFUSED = cast(Table, RefusedEventRow.__table__)  # type: ignore[attr-defined]
AHEAD = cast(Table, AheadRow.__table__)  # type: ignore[attr-defined]
#: The condition's name. Who has mended the store may lift it; what is still ahead declares it again.
BEHIND_LOG = "behind_log"
#: More keys are not noted one by one: the log itself tells them.
MOST_NOTED = 10_000
#: Keys looked up at once; and as much of an event as holds its id, which comes first.
CHUNK, HEAD = 500, 280


async def ahead_of_store(session: AsyncSession, told: Iterable[OwnRecord]) -> list[OwnRecord]:
    """Those that the store does not have: a version above the newest of the key, or another event than the newest of that
    version. What is older is not asked: it may have been pruned."""
    by_topic: dict[str, list[OwnRecord]] = {}
    for each in told:
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
    """Key, version and id of what the store has after all: an event that was taken from the log is spelled as a stranger wrote
    it; one in doubt may have been written before the broker refused its repetition and it was set aside."""
    keys, versions = sorted({each.key for each in suspects}), {each.version for each in suspects}
    found: set[tuple[str, int, str]] = set()
    for table in (OUTBOX, REFUSED):
        columns = select(table.c.key, table.c.version, table.c.payload)
        here = (table.c.topic == topic, _among(session, table.c.key, keys), table.c.version.in_(versions))
        rows = (await session.exec(columns.where(*here))).all()
        found |= {(key, version, decode_sealed(payload).id) for key, version, payload in rows}
    return found


def _is_ahead(told: OwnRecord, version: int, head: bytes) -> bool:
    """As far as the beginning of an event tells that this kit has written."""
    return told.version > version or (told.version == version and b'"id":"%s"' % told.event_id.encode() not in head)


async def _newest(session: AsyncSession, topic: str, keys: set[str]) -> dict[str, tuple[int, bytes]]:
    """The newest version of each key, published or not, and how its event begins."""
    among = _among(session, OUTBOX.c.key, sorted(keys))
    newest = (
        select(OUTBOX.c.key, func.max(OUTBOX.c.version).label("version"))
        .where(OUTBOX.c.topic == topic, among)
        .group_by(OUTBOX.c.key)
        .subquery()
    )
    here = and_(OUTBOX.c.topic == topic, OUTBOX.c.key == newest.c.key, OUTBOX.c.version == newest.c.version)
    head = func.substr(OUTBOX.c.payload, 1, HEAD, type_=LargeBinary)
    rows = (await session.exec(select(OUTBOX.c.key, OUTBOX.c.version, head).join(newest, here))).all()
    return {key: (version, bytes(start)) for key, version, start in rows}


def _among(session: AsyncSession, key: Column[str], keys: Sequence[str]) -> Any:
    """PostgreSQL takes the keys as one parameter, however many; SQLite has no arrays."""
    if session.get_bind().dialect.name == "postgresql":
        return key == any_(literal(keys, ARRAY(String)))
    return key.in_(keys)


async def newest_outbox(session: AsyncSession) -> int:
    """The id of the newest event ever written here, 0 when there is none. It never falls, but in a store that was taken back:
    the last event of all is the newest of its key, which is not pruned; one that the broker refuses keeps its id."""
    written, refused = select(func.max(OUTBOX.c.id)), select(func.max(REFUSED.c.id))
    return max((await session.exec(written)).one() or 0, (await session.exec(refused)).one() or 0)


async def read_marks(session: AsyncSession, own: OwnTopics) -> dict[TopicPartition, int]:
    """Up to where each partition has been compared. None of an outbox that is older than they are."""
    rows = (await session.exec(select(OwnMarkRow).where(col(OwnMarkRow.topic).in_(own.names)))).all()
    newest = await newest_outbox(session)
    return {TopicPartition(row.topic, row.partition): row.next_offset for row in rows if row.newest_outbox <= newest}


async def save_marks(session: AsyncSession, positions: Mapping[TopicPartition, int]) -> None:
    """Everything before these positions has been compared, and what was ahead is noted."""
    newest = await newest_outbox(session)
    rows = [
        {"topic": at.topic, "partition": at.partition, "next_offset": offset, "newest_outbox": newest}
        for at, offset in sorted(positions.items())
    ]
    await upsert(session, OwnMarkRow, rows, ["topic", "partition"])


async def forget_marks(session: AsyncSession) -> None:
    """For another log."""
    await session.exec(delete(cast(Table, OwnMarkRow.__table__)))  # type: ignore[attr-defined]


async def is_behind(session: AsyncSession) -> bool:
    """Whether it is known that the store is behind its own topics."""
    return await session.get(ConditionRow, BEHIND_LOG) is not None


def may_be_published() -> ColumnElement[bool]:
    """A condition on the outbox's rows: none while the store is behind, but what covers a stranger's record."""
    behind = select(ConditionRow.name).where(ConditionRow.name == BEHIND_LOG).exists()
    here = and_(AHEAD.c.covered, AHEAD.c.topic == OUTBOX.c.topic, AHEAD.c.key == OUTBOX.c.key)
    return or_(~behind, select(AHEAD.c.key).where(here).correlate(OUTBOX).exists())


async def noted(session: AsyncSession) -> list[AheadRow]:
    """What was found ahead of the store and has not been mended. Whoever mends goes above these versions, also where the log
    does not show them any more: readers remember them."""
    return list((await session.exec(select(AheadRow).order_by(col(AheadRow.topic), col(AheadRow.key)))).all())


async def forget_noted(session: AsyncSession, topic: str, key: str) -> None:
    """Where an operator has decided that there is nothing above which anybody could go."""
    await session.exec(delete(AHEAD).where((AHEAD.c.topic == topic) & (AHEAD.c.key == key)))


async def count_noted(session: AsyncSession) -> int:
    """How many keys are noted to be ahead of the store."""
    return (await session.exec(select(func.count()).select_from(AHEAD))).one()


async def settle(
    session: AsyncSession, clock: Clock, own: OwnTopics, found: Sequence[OwnRecord] = (), covered: bool = False
) -> int:
    """Note what was found, forget what the store has come above, and declare or lift the condition; returns how many keys are
    ahead. `covered`: as in AheadRow."""
    await upsert(session, AheadRow, [_row(each, covered) for each in found], ["topic", "key"], newer_by="version")
    rows = await noted(session)
    left = await ahead_of_store(session, map(_told, rows))
    still = {each.topic_key for each in left}
    mended = [(row.topic, row.key) for row in rows if (row.topic, row.key) not in still]
    for start in range(0, len(mended), CHUNK):
        here = tuple_(AHEAD.c.topic, AHEAD.c.key).in_(mended[start : start + CHUNK])
        await session.exec(delete(AHEAD).where(here))
    if left:
        await _declare(session, clock, own, left)
    elif await lift(session, BEHIND_LOG):
        log.warning("store_agrees_again", service=own.service)
    return len(left)


def _row(told: OwnRecord, covered: bool) -> dict[str, Any]:
    return {
        "topic": told.topic,
        "key": told.key,
        "partition": told.partition,
        "offset": told.offset,
        "version": told.version,
        "event_id": told.event_id,
        "covered": covered,
    }


def _told(row: AheadRow) -> OwnRecord:
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
        f"{first.version}, the database version {known}. It was restored, or a stranger wrote to the topics"
    )


def _remedy(own: OwnTopics, is_lost: bool) -> str:
    if is_lost and own.when_lost:
        return own.when_lost
    return f"Run `makersync reconcile {own.service}`"


def keys_of(told: Iterable[OwnRecord]) -> set[Key]:
    return {each.topic_key for each in told}

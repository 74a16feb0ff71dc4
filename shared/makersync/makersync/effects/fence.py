"""The fence: decides which process may write the effects of a partition (DESIGN, exactly-once effects, 3).

One row per consumer and partition number holds the owner's epoch, the next offset of every input topic, and the catalog offset,
date and policy version that the partition's state was built with.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import cast

from sqlalchemy import ColumnElement, Table, Text
from sqlalchemy import cast as sql_cast
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.port import TopicPartition
from makersync.errors import Fenced
from makersync.store.engines import to_json
from makersync.store.tables import FenceRow
from makersync.store.upserts import upsert

FENCE = cast(Table, FenceRow.__table__)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Standing:
    """The catalog offset, date and policy version that a partition's state was built with."""

    catalog_offset: int = 0
    day: date | None = None
    policy_version: int = 0


@dataclass(frozen=True, slots=True)
class Hold:
    """One owner's hold on one partition number. `offsets` maps each topic to the next offset to read."""

    consumer: str
    partition: int
    epoch: int
    offsets: Mapping[str, int] = field(default_factory=dict)
    standing: Standing = Standing()


async def take(session: AsyncSession, consumer: str, partition: int, owner: str, after: Hold | None = None) -> Hold:
    """Raise the epoch, which shuts out every earlier owner, and return the new hold.

    With `after`, raises Fenced if another owner has taken the partition since that hold.
    """
    here = await _row_of(session, consumer, partition, owner)
    await session.exec(update(FENCE).where(here).values(epoch=FENCE.c.epoch + 1, owner=owner))
    row = (await session.exec(select(FenceRow).where(here))).one()
    if after is not None and row.epoch != after.epoch + 1:
        raise Fenced(f"{consumer} partition {partition}: epoch {after.epoch} is no longer the owner's")
    # Rewrites the offsets in this kit's JSON encoding, since `advance` compares the texts.
    await session.exec(update(FENCE).where(here).values(offsets=row.offsets))
    standing = Standing(row.catalog_offset, row.day, row.policy_version)
    return Hold(consumer, partition, row.epoch, dict(row.offsets), standing)


async def raise_epoch(session: AsyncSession, consumer: str, partition: int, above: int) -> None:
    """Shut out every owner whose epoch is not above this one."""
    here = await _row_of(session, consumer, partition, "")
    await session.exec(update(FENCE).where(here, FENCE.c.epoch <= above).values(epoch=above + 1))


async def _row_of(session: AsyncSession, consumer: str, partition: int, owner: str) -> ColumnElement[bool]:
    """The condition for the row of a partition, which is made if it does not exist."""
    fresh = {"consumer": consumer, "partition": partition, "epoch": 0, "owner": owner, "offsets": {}, "catalog_offset": 0}
    await upsert(session, FenceRow, [fresh | {"day": None, "policy_version": 0}], ["consumer", "partition"], newer_by="epoch")
    return (FENCE.c.consumer == consumer) & (FENCE.c.partition == partition)


async def advance(session: AsyncSession, hold: Hold, offsets: Mapping[str, int], standing: Standing) -> Hold:
    """Move the partition on within the transaction that writes the effects. Call it before the effects are written: on
    PostgreSQL it then locks the row against a successor until the transaction ends.

    Raises Fenced if another owner has raised the epoch or the row differs from what the hold last wrote. The latter means that
    the database was restored and later records must be read again. The whole transaction must then fail.
    """
    moved = dict(hold.offsets) | dict(offsets)
    mine = (FENCE.c.consumer == hold.consumer) & (FENCE.c.partition == hold.partition) & (FENCE.c.epoch == hold.epoch)
    mine &= sql_cast(FENCE.c.offsets, Text) == to_json(dict(hold.offsets))
    values = {
        "offsets": moved,
        "catalog_offset": standing.catalog_offset,
        "day": standing.day,
        "policy_version": standing.policy_version,
    }
    result = await session.exec(update(FENCE).where(mine).values(**values))
    if result.rowcount != 1:
        raise Fenced(f"{hold.consumer} partition {hold.partition}: its fence is no longer as epoch {hold.epoch} left it")
    return replace(hold, offsets=moved, standing=standing)


def is_older(row: FenceRow | None, hold: Hold) -> bool:
    """Whether the row is from before the hold, since the database was restored, rather than the hold ended by another owner."""
    if row is None or row.epoch < hold.epoch:
        return True
    return row.epoch == hold.epoch and any(row.offsets.get(topic, 0) < offset for topic, offset in hold.offsets.items())


async def stored(session: AsyncSession, consumer: str) -> list[FenceRow]:
    """The rows of all partitions of a consumer."""
    rows = await session.exec(select(FenceRow).where(col(FenceRow.consumer) == consumer))
    return list(rows.all())


def untaken(
    taken: Mapping[int, Mapping[str, int]], bounds: Mapping[TopicPartition, tuple[int, int]]
) -> dict[TopicPartition, tuple[int, int]]:
    """Where unread records wait: the next offset to read, and the end.

    `taken` holds the stored offsets by partition number and topic, `bounds` the first offset and the end of each partition.
    """
    reached = {at: (max(first, taken.get(at.partition, {}).get(at.topic, first)), end) for at, (first, end) in bounds.items()}
    return {at: (upto, end) for at, (upto, end) in reached.items() if upto < end}

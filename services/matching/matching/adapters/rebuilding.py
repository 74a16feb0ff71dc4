"""The whole state of matching, written from the topics, its own included (DESIGN, exactly-once effects, 8).

Versions of pairs, cells, pathways and reach come first, from what this service has published, then the newest state of
every subject. Nothing is evaluated here: the fence rows name no catalog, so that the service evaluates when it starts, and
publishes only what differs from what the topics already have.
"""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Table, delete
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.port import Broker
from makersync.effects.dead_letters import DeadLetters
from makersync.effects.divergence import take_noted
from makersync.effects.log_reading import LogReading, Progress, own_readers, read_log
from makersync.errors import OperatorError
from makersync.runtime.service import Context
from makersync.store.database import Store
from makersync.store.tables import FenceRow, OutboxRow
from makersync.store.upserts import upsert
from matching.adapters.catalog_tables import CatalogRow
from matching.adapters.cell_tables import CellRow
from matching.adapters.draft_tables import AskedDraftRow
from matching.adapters.match_tables import MatchRow
from matching.adapters.past_tables import CatalogPastRow, MatchPastRow, RulesPastRow, SubjectPastRow
from matching.adapters.pathway_tables import PathwayRow
from matching.adapters.policy_repository import require_policy
from matching.adapters.reach_tables import PublishedCountsRow
from matching.adapters.rebuilt_rows import OWN, TAKEN, TopicsMarket, understood
from matching.adapters.rules_copy import CATALOG_CONSUMER
from matching.adapters.subject_tables import SubjectRow

#: What was before does not follow from the topics, which keep the newest of each. It begins again with what they have.
PAST = (SubjectPastRow, MatchPastRow, CatalogPastRow, RulesPastRow)
#: What follows from the topics. Policies, audit, dead letters and history do not.
DERIVED = (SubjectRow, MatchRow, CellRow, PathwayRow, PublishedCountsRow, AskedDraftRow, CatalogRow, OutboxRow)
#: The results rest on no catalog, so the first look at the real one evaluates everything.
NO_CATALOG = -1
CHUNK = 1000


async def require_empty(store: Store) -> None:
    """Raises OperatorError when the database holds a market: rebuilding is for one that was lost."""
    async with store.reading() as session:
        counts = [(await session.exec(select(func.count()).select_from(table))).one() for table in (SubjectRow, MatchRow)]
    if any(counts):
        raise OperatorError(
            "The matching database is not empty. Rebuilding is for one that was lost: stop every matching process and migrate "
            "an empty database first. One that was restored is rewritten by `makersync reconcile matching --take-log`."
        )


async def read_topics(broker: Broker, partitions: int, progress: Progress | None = None) -> LogReading:
    """Everything that the topics hold now, read to the end that the client reaches."""
    return await read_log(broker, {**own_readers(OWN), **TAKEN}, partitions, progress=progress)


async def restore(context: Context, broker: Broker, log_id: str, progress: Progress | None = None) -> int:
    """Write what follows from the topics in place of what is stored; returns the number of rows. Every owner of a partition is
    shut out. Raises OperatorError when the live policy is not the one that the topics name."""
    log = await read_topics(broker, context.settings.partitions, progress)
    await take_noted(context.store, log)
    market = understood(log, context)
    return await write_market(context, market, log_id)


async def write_market(context: Context, market: TopicsMarket, log_id: str) -> int:
    """Write everything in one transaction; returns the number of rows that follow from the topics."""
    async with context.store.transaction() as session:
        await require_policy(session, market.policy_version)
        for stored in (*DERIVED, *PAST):
            await session.exec(delete(_declared(stored)))
        for table, rows in market.rows.items():
            await _insert(session, table, rows)
        await _insert(session, OutboxRow, [*market.heads, *market.risen])
        await _shut_out(session, market.fences)
        for consumer, letters in market.poison.items():
            await DeadLetters(consumer, log_id, context.clock).set_aside(session, letters)
    return market.count


async def _insert(session: AsyncSession, table: type, rows: Sequence[dict[str, Any]]) -> None:
    keys = ["topic", "key", "version"] if table is OutboxRow else _primary_key(table)
    for start in range(0, len(rows), CHUNK):
        await upsert(session, table, rows[start : start + CHUNK], keys)


def _primary_key(table: type) -> list[str]:
    return [column.name for column in _declared(table).primary_key.columns]


def _declared(table: type) -> Table:
    return cast(Table, table.__table__)  # type: ignore[attr-defined]


async def _shut_out(session: AsyncSession, fences: dict[tuple[str, int], dict[str, int]]) -> None:
    """Raise every epoch that was ever stored, because the owners of partitions know a state that no longer exists."""
    known = {(row.consumer, row.partition): (row.epoch, row.catalog_offset) for row in await session.exec(select(FenceRow))}
    stands_on = {"owner": "rebuild", "day": None, "policy_version": 0}
    rows = []
    for (name, number), offsets in sorted(fences.items()):
        epoch, written = known.get((name, number), (0, 0))
        catalog = written + 1 if name == CATALOG_CONSUMER else NO_CATALOG
        here = {"consumer": name, "partition": number, "epoch": epoch + 1, "offsets": offsets, "catalog_offset": catalog}
        rows.append(here | stands_on)
    await upsert(session, FenceRow, rows, ["consumer", "partition"])

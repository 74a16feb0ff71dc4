"""The consumer that keeps a copy of the catalog."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.effects.consumer_port import Batch, KnownSubject
from makersync.effects.fence import Hold, Standing
from makersync.store.database import Store
from makersync.store.upserts import upsert
from matching.adapters.catalog_tables import CatalogRow
from matching.adapters.past_writing import keep_definitions


class CatalogWork:
    """Writes the catalog's definitions, keeps what they replace, and counts them in `catalog_offset`, by which the markets
    notice them. The count never falls, even when another log is read from its start: otherwise two markets could name different
    counts for one catalog."""

    def __init__(self, clock: Clock, keeps_past: bool = True) -> None:
        self._clock, self._keeps_past = clock, keeps_past

    async def load(self, session: AsyncSession, hold: Hold) -> None:
        return None

    def due(self, standing: Standing) -> bool:
        return False

    async def known(self, store: Store, batch: Batch) -> Sequence[KnownSubject]:
        subjects = {received.event.subject for received in batch}
        query = select(CatalogRow.subject, CatalogRow.version).where(col(CatalogRow.subject).in_(subjects))
        async with store.reading() as session:
            versions = dict((await session.exec(query)).all())
        return [KnownSubject(versions.get(received.event.subject, 0)) for received in batch]

    async def prepare(self, batch: Batch, behind: int = 0) -> list[dict[str, Any]]:
        events = [received.event for received in batch]
        return [{"subject": each.subject, "version": each.version, "document": each.data} for each in events]

    async def write(self, session: AsyncSession, prepared: list[dict[str, Any]], standing: Standing) -> Standing:
        written = standing.catalog_offset + len(prepared)
        rows = [{**row, "written": written} for row in prepared]
        if self._keeps_past:
            await keep_definitions(session, rows, self._clock.now())
        await upsert(session, CatalogRow, rows, ["subject"], newer_by="version")
        return replace(standing, catalog_offset=written)

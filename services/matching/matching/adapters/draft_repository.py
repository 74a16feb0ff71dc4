"""Drafts as they are stored: by the consumer that reads them, for the markets that answer them."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import structlog
from sqlmodel import col, func, select, tuple_, update
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from makersync.clock import Clock
from makersync.effects.reading import Reading, Received
from makersync.envelope import Envelope
from makersync.log_rate_limit import LogRateLimit
from makersync.runtime.drafts import RegionDrafts
from makersync.store.database import Store
from makersync.store.repeated_look import RepeatedLook
from makersync.store.upserts import upsert
from makersync.telemetry import describe_failure
from matching.adapters.draft_events import DraftEndRead, DraftRead
from matching.adapters.draft_tables import AskedDraftRow
from matching.application.waiting_drafts import WaitingDraft

#: Of each partition so many are read at once, so that those of a market that stands still keep no others waiting.
MOST_WAITING = 100

log = structlog.get_logger(__name__)


def draft_row(received: Received[Reading]) -> dict[str, Any]:
    """The row of a draft's newest state."""
    event, data = received.event, received.data
    assert isinstance(data, DraftRead | DraftEndRead)
    envelope = {name: value for name in Envelope.__struct_fields__ if (value := getattr(event, name)) is not None}
    return {
        "region": data.region,
        "draft_id": data.draft_id,
        "partition": received.record.partition,
        "version": event.version,
        "employer_id": data.employer_id,
        "document": event.data if isinstance(data, DraftRead) else None,
        "cause": msgspec.to_builtins(envelope),
        "waits": True,
    }


async def save_drafts(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Write the newest states of drafts, in one order, because the markets change the same rows."""
    in_order = sorted(rows, key=lambda row: (row["region"], row["draft_id"]))
    await upsert(session, AskedDraftRow, in_order, ["region", "draft_id"], newer_by="version")


async def known_drafts(session: AsyncSession, keys: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], tuple[int, str]]:
    """By region and id, the newest version and the employer."""
    columns = select(AskedDraftRow.region, AskedDraftRow.draft_id, AskedDraftRow.version, AskedDraftRow.employer_id)
    query = columns.where(tuple_(col(AskedDraftRow.region), col(AskedDraftRow.draft_id)).in_(keys))
    return {(region, draft_id): (version, owner) for region, draft_id, version, owner in await session.exec(query)}


async def note_heard(session: AsyncSession, drafts: Sequence[WaitingDraft]) -> None:
    """These versions wait no longer; a newer one does."""
    for each in sorted(drafts, key=lambda draft: (draft.region, draft.draft_id)):
        key = tuple_(col(AskedDraftRow.region), col(AskedDraftRow.draft_id), col(AskedDraftRow.version))
        here = key == tuple_(each.region, each.draft_id, each.version)
        await session.exec(update(AskedDraftRow).where(here).values(waits=False))


async def waiting_drafts(session: AsyncSession) -> Sequence[RegionDrafts]:
    """Those that no market has answered yet; since when is told by their events."""
    columns = select(AskedDraftRow.region, AskedDraftRow.cause)
    waiting = columns.where(col(AskedDraftRow.waits), col(AskedDraftRow.document).is_not(None))
    asked: dict[str, list[datetime]] = {}
    for region, cause in await session.exec(waiting):
        asked.setdefault(region, []).append(msgspec.convert(cause, Envelope).time)
    return [RegionDrafts(region, len(times), min(times)) for region, times in sorted(asked.items())]


class WaitingDrafts:
    """The drafts that wait for an answer, as this process last read them. One instance of the service reads the topic, and the
    owners of the markets, who may be others, find what it has stored."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._look = RepeatedLook(store, clock)
        self._one_at_a_time = asyncio.Lock()
        self._log_limit = LogRateLimit(clock.monotonic)
        self._waiting: dict[int, list[WaitingDraft]] = {}

    def of(self, partition: int) -> Sequence[WaitingDraft]:
        """Those of a partition number."""
        return self._waiting.get(partition, ())

    async def look(self) -> None:
        """Read them again, unless nothing has been committed since none waited. One look at a time, because a slow one could
        otherwise overwrite what a later one has read."""
        async with self._one_at_a_time:
            if self._look.is_needed():
                await self._read()

    async def _read(self) -> None:
        async with self._store.reading() as session:
            rows = (await session.exec(_first_waiting())).all()
        waiting: dict[int, list[WaitingDraft]] = {}
        for row in rows:
            if (draft := self._understood(row)) is not None:
                waiting.setdefault(row.partition, []).append(draft)
        self._waiting = waiting
        if not rows:
            self._look.found_nothing()

    def _understood(self, row: AskedDraftRow) -> WaitingDraft | None:
        """None for a draft that this version of the service cannot read: it gets no answer, and is ended by who asked."""
        try:
            return _draft(row)
        except (msgspec.ValidationError, ValueError) as error:
            if self._log_limit.allows("unreadable"):
                failure = describe_failure(error)
                log.error("draft_unreadable", region=row.region, draft=row.draft_id, version=row.version, failure=failure)
            return None


def _first_waiting() -> SelectOfScalar[AskedDraftRow]:
    key = (col(AskedDraftRow.region), col(AskedDraftRow.draft_id))
    place = func.row_number().over(partition_by=col(AskedDraftRow.partition), order_by=key).label("place")
    waiting = select(*key, place).where(col(AskedDraftRow.waits)).subquery()
    first = select(waiting.c.region, waiting.c.draft_id).where(waiting.c.place <= MOST_WAITING)
    return select(AskedDraftRow).where(tuple_(*key).in_(first))


def _draft(row: AskedDraftRow) -> WaitingDraft:
    opening = None if row.document is None else msgspec.convert(row.document, DraftRead).to_domain(row.version)
    return WaitingDraft(row.region, row.draft_id, row.version, row.employer_id, opening, msgspec.convert(row.cause, Envelope))

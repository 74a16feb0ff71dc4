"""The drafts of openings that wait for their counts in a service: how many there are in each region, and since when."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, Field
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.store.database import Store
from makersync.telemetry import Metrics

#: How often drafts are measured, seconds.
MEASURE_EVERY_S = 5.0


@dataclass(frozen=True, slots=True)
class RegionDrafts:
    """The drafts of a region that wait; `since` is when the oldest was asked about."""

    region: str
    count: int
    since: datetime


#: Reads them, by region.
DraftCount = Callable[[AsyncSession], Awaitable[Sequence[RegionDrafts]]]


class DraftsView(BaseModel):
    """Drafts of openings that employers ask about, and that have no counts yet."""

    region: str = Field(description="Id of the region.", examples=["17410"])
    waiting: int = Field(description="Drafts that wait in this service.", examples=[2])
    since: datetime = Field(description="When the oldest of them was asked about, UTC.", examples=["2026-11-22T09:30:00Z"])

    @classmethod
    def of(cls, found: RegionDrafts) -> "DraftsView":
        return cls(region=found.region, waiting=found.count, since=found.since)


def draft_gauges(store: Store, clock: Clock, metrics: Metrics, count: DraftCount) -> Callable[[], Awaitable[int]]:
    """The step that measures them. It returns how many wait."""

    async def measure() -> int:
        async with store.reading() as session:
            found = await count(session)
        waiting = sum(each.count for each in found)
        oldest = min((each.since for each in found), default=clock.now())
        metrics.drafts_waiting.set(waiting)
        metrics.draft_oldest_seconds.set(max(0.0, (clock.now() - oldest).total_seconds()))
        return waiting

    return measure

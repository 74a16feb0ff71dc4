"""Which providers are concerned by a region.

A signal that is consumed while a provider becomes concerned by its region must reach that provider exactly once: either among
the published signals of the region, or when it is consumed. A lock on the region's row decides which of the two comes first.
Learners are locked before regions, and the regions of a batch in ascending order.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.provider_region_tables import FeedRegionRow, ProviderRegionRow
from makersync.store.upserts import upsert


class ProviderRegions:
    """The providers and their regions, in one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def concerned(self, regions: Collection[str]) -> Mapping[str, Sequence[str]]:
        """The providers that are concerned by each region, in order; until the end of the transaction no other joins them."""
        await self._lock(regions, shared=True)
        here = col(ProviderRegionRow.region).in_(regions)
        rows = await self._session.exec(select(ProviderRegionRow).where(here).order_by(col(ProviderRegionRow.provider_id)))
        providers: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            providers[row.region].append(row.provider_id)
        return providers

    async def enter(self, provider_id: str, region: str) -> bool:
        """Whether the provider was not concerned by the region so far. If so, no signal of the region is consumed until the end
        of the transaction."""
        if await self._has_entered(provider_id, region):
            return False
        await self._lock([region], shared=False)
        if await self._has_entered(provider_id, region):
            return False
        await upsert(
            self._session, ProviderRegionRow, [{"region": region, "provider_id": provider_id}], ["region", "provider_id"]
        )
        return True

    async def _has_entered(self, provider_id: str, region: str) -> bool:
        here = (col(ProviderRegionRow.region) == region, col(ProviderRegionRow.provider_id) == provider_id)
        return (await self._session.exec(select(ProviderRegionRow.region).where(*here))).first() is not None

    async def _lock(self, regions: Collection[str], shared: bool) -> None:
        """Also when the rows are not there yet: whoever adds one makes others wait, as whoever locks it does."""
        await upsert(self._session, FeedRegionRow, [{"region": region} for region in sorted(regions)], ["region"])
        rows = select(FeedRegionRow.region).where(col(FeedRegionRow.region).in_(regions)).order_by(col(FeedRegionRow.region))
        await self._session.exec(rows.with_for_update(read=shared))

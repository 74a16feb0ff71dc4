"""What the operators' page of what happens now shows of this service."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.runtime.service import Figure
from matching.adapters.partition_standing import catching_up, market_day
from matching.adapters.policy_repository import live_policy
from matching.adapters.region_repository import count_regions
from matching.entrypoints.market_pages import MARKETS


async def operator_figures(session: AsyncSession, clock: Clock) -> Sequence[Figure]:
    """Event to match is measured where matches arrive, in the openings service."""
    late = await catching_up(session)
    settling = f"partitions {', '.join(map(str, late))} are catching up" if late else "every partition is settled"
    return (
        Figure("Markets", f"{await count_regions(session):,}", settling, MARKETS),
        Figure("Results are for", (await market_day(session, clock)).isoformat()),
        Figure("Policy in use", f"version {(await live_policy(session)).version}"),
        Figure("Event to match", "in openings", "where matches arrive"),
    )

"""What the operators' page of what happens now shows of this service."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.pages.words import seconds
from makersync.runtime.service import Figure
from openings.adapters.figures_repository import FiguresRepository
from openings.entrypoints.figures_views import LatencyFigures, latency_figures


async def operator_figures(session: AsyncSession, _clock: Clock) -> Sequence[Figure]:
    """How long the latest matches took from the event that began the chain to the shortlist."""
    latencies = latency_figures(await FiguresRepository(session).recent_latencies_ms())
    return (Figure("Event to match", _in_words(latencies), f"the latest {latencies.measured:,} matches"),)


def _in_words(latencies: LatencyFigures) -> str:
    if latencies.p50 is None or latencies.p95 is None or latencies.p99 is None:
        return "no match yet"
    half, most, nearly_all = (seconds(each / 1000) for each in (latencies.p50, latencies.p95, latencies.p99))
    return f"half within {half}, 95 % within {most}, 99 % within {nearly_all}"

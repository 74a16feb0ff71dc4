"""How the activity of the service is shown to operators."""

from collections.abc import Sequence

from pydantic import BaseModel, Field


class OpeningFigures(BaseModel):
    """The number of openings in each status. `live` ones are open and not past their closing date."""

    open: int
    filled: int
    closed: int
    live: int


class MatchFigures(BaseModel):
    """Matches that are live now, and all events that have ever changed a shortlist."""

    live: int
    proposed: int
    revised: int
    withdrawn: int


class LatencyFigures(BaseModel):
    """Milliseconds from the event that began the causal chain to the match on the shortlist."""

    measured: int
    p50: int | None
    p95: int | None
    p99: int | None
    max: int | None


class OpeningsActivity(BaseModel):
    employers: int
    openings: OpeningFigures
    matches: MatchFigures
    event_to_match_ms: LatencyFigures = Field(description="Of the 1000 most recent proposals.")


def latency_figures(ascending: Sequence[int]) -> LatencyFigures:
    """Percentiles by the nearest rank; null when nothing was measured."""

    def at(percent: int) -> int | None:
        return ascending[-(-percent * len(ascending) // 100) - 1] if ascending else None

    return LatencyFigures(measured=len(ascending), p50=at(50), p95=at(95), p99=at(99), max=at(100))

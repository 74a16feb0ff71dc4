"""How the figures of the service are shown to operators."""

from collections.abc import Sequence

from pydantic import BaseModel, Field

from contracts.wire import ZONED


class OpeningFigures(BaseModel):
    """How many openings there are in each status."""

    open: int = Field(description="Openings with the status `open`, past their closing date or not.", examples=[40])
    filled: int = Field(description="Openings whose positions are all filled.", examples=[12])
    closed: int = Field(description="Openings that their employers have closed.", examples=[7])
    live: int = Field(
        description=f"Of the open ones, those whose closing date has not passed {ZONED}: candidates are matched.", examples=[38]
    )


class MatchFigures(BaseModel):
    """Matches that are live now, and all events that have ever changed a shortlist (MARKET.md section 10)."""

    live: int = Field(description="Candidates on all shortlists now.", examples=[310])
    proposed: int = Field(description="`MatchProposed` events taken so far: candidates that came.", examples=[520])
    revised: int = Field(description="`MatchRevised` events taken so far: candidates that changed.", examples=[90])
    withdrawn: int = Field(description="`MatchWithdrawn` events taken so far: candidates that left.", examples=[210])


class LatencyFigures(BaseModel):
    """Milliseconds from the event that began the causal chain to the match on the shortlist; null when none was measured."""

    measured: int = Field(description="Matches that the others are drawn from.", examples=[520])
    p50: int | None = Field(description="The median, milliseconds.", examples=[180])
    p95: int | None = Field(description="95 % of the matches took no longer, milliseconds.", examples=[420])
    p99: int | None = Field(description="99 % of the matches took no longer, milliseconds.", examples=[690])
    max: int | None = Field(description="The slowest, milliseconds.", examples=[910])


class OpeningsActivity(BaseModel):
    """Figures of the whole service, of every employer."""

    employers: int = Field(description="Employers that operators have admitted.", examples=[9])
    openings: OpeningFigures = Field(description="Openings by status.")
    matches: MatchFigures = Field(description="Matches on shortlists.")
    event_to_match_ms: LatencyFigures = Field(
        description="How quickly matches arrive: of the 1000 most recent proposals, in milliseconds."
    )


def latency_figures(ascending: Sequence[int]) -> LatencyFigures:
    """Percentiles by the nearest rank; null when nothing was measured."""

    def at(percent: int) -> int | None:
        return ascending[-(-percent * len(ascending) // 100) - 1] if ascending else None

    return LatencyFigures(measured=len(ascending), p50=at(50), p95=at(95), p99=at(99), max=at(100))

"""How signals and matches are shown."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Self

from pydantic import BaseModel, Field

from learners.domain.signal import Signal
from makersync.http.pagination import Page


class SignalComponentsView(BaseModel):
    """Shares in thousandths, as MARKET.md section 12 says."""

    demand: int
    openings: int
    employers: int
    supply: int
    supply_home: int
    pipeline: int
    blocked: int
    tightness: int


class SignalView(BaseModel):
    region: str
    subject: str
    level: str
    kind: str = Field(description="What the newest event was, such as ShortageRaised.")
    components: SignalComponentsView | None = Field(description="Null under the evidence guard, except for operators.")
    top_credentials: list[str]
    policy_version: int
    day: date
    at: datetime
    version: int

    @classmethod
    def of(cls, signal: Signal) -> Self:
        return cls.model_validate(asdict(signal))


class MatchView(BaseModel):
    opening_id: str
    region: str
    live: bool
    score: int | None = Field(description="0 to 10000; null once the match has ended.")
    reason: str | None = Field(description="Why it ended.")
    version: int


class MatchPage(Page[MatchView]):
    live_count: int = Field(description="Live matches of the learner, on all pages.")

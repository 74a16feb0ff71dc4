"""Shortage signals in answers."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Self

from pydantic import BaseModel, Field

from learners.domain.signal import ShortageSignal

GUARD = "Null under the evidence guard, except for operators: so few openings or employers are no finding."


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


class MeasuredView(BaseModel):
    value: int | None = Field(description="Null where the evidence is too thin to say.")
    evidence: int = Field(description="How many things it was drawn from.")


class IndicatorsView(BaseModel):
    """Statistics from the cell's history. Shares, ratios and slopes in thousandths."""

    as_of: date = Field(description="The day on which they were drawn.")
    source: str = Field(description="live, simulated or mixed: the kind of records that they were drawn from.")
    driver: str | None = Field(description="Why positions stay open: long_training, short_training, unsuitable, or null.")
    demand_trend: MeasuredView | None = Field(description="Growth of ln(weekly demand) a week beyond the region's.")
    fill_rate: MeasuredView | None = Field(description="Positions filled of those posted, of openings that ended.")
    days_to_fill: MeasuredView | None = Field(description="Median days from publication to the last position filled.")
    posted_wage: MeasuredView | None = Field(description="Median of posted midpoints, US cents an hour.")
    wage_ratio: MeasuredView | None = Field(description="The posted wage to the BLS medians of the occupations.")
    concentration: MeasuredView | None = Field(description="BLS location quotient of the occupations in the region.")


class SignalView(BaseModel):
    region: str
    subject: str
    level: str
    kind: str = Field(description="What the newest event was, such as ShortageRaised.")
    components: SignalComponentsView | None = Field(description=GUARD)
    top_credentials: list[str]
    policy_version: int
    day: date
    at: datetime
    version: int
    indicators: IndicatorsView | None = Field(description=GUARD)

    @classmethod
    def of(cls, signal: ShortageSignal) -> Self:
        return cls.model_validate(asdict(signal))

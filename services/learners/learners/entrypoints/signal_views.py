"""Shortage signals in answers."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Self

from pydantic import BaseModel, Field

from contracts.wire import ZONED
from learners.domain.signal import ShortageSignal
from learners.entrypoints.ids import RegionId

GUARD = (
    "Null under the evidence guard (level insufficient_data), except for operators: few openings, or those of one employer, "
    "are no finding."
)
EARLIER = "Null in a signal by version 1 of the market rules."


class SignalComponentsView(BaseModel):
    """What the level was computed from (MARKET.md section 12)."""

    demand: int = Field(
        description="Open positions that ask for the subject, in thousandths: one that takes any of two things is half asked "
        "for each.",
        examples=[14000],
    )
    openings: int = Field(description="Live openings behind the demand.", examples=[6])
    employers: int = Field(description="Different employers behind the demand.", examples=[4])
    supply: int = Field(
        description="Learners reaching the region who seek, consent and hold the subject, from wherever they come.",
        examples=[6],
    )
    supply_home: int = Field(description="Those of the supply who live in the region; 0 for `remote`.", examples=[4])
    pipeline: int = Field(
        description="Learners and open seats of cohorts that should hold the subject within 180 days and do not now.",
        examples=[3],
    )
    blocked: int = Field(
        description="Positions that cannot be filled, each opening once: too few are qualified, and others lack only the "
        "subject.",
        examples=[5],
    )
    tightness: int = Field(
        description="Demand to supply, smoothed, in thousandths: at 1000 there is one candidate for each position.",
        examples=[2000],
    )
    employer_share: int | None = Field(
        description="Share of the demand that the employer with the largest has, in thousandths. " + EARLIER, examples=[357]
    )
    tightness_ahead: int | None = Field(
        description="The tightness once the pipeline has become supply, in thousandths. " + EARLIER, examples=[1454]
    )


class MeasuredView(BaseModel):
    """A statistic; the field that holds it says in which unit."""

    value: int | None = Field(description="Null where the evidence is too thin to say.", examples=[1050])
    evidence: int = Field(description="How many weeks or openings it was drawn from, as the field says.", examples=[13])


class IndicatorsView(BaseModel):
    """Statistics from the cell's history, drawn about once an hour. Each is null where the signal carried none."""

    as_of: date = Field(description=f"Calendar date {ZONED} on which they were drawn.", examples=["2026-11-22"])
    source: str = Field(
        description="Records that they were drawn from: `live`, `simulated` (made for a demonstration) or `mixed`.",
        examples=["live"],
    )
    driver: str | None = Field(
        description="Why positions stay open: `long_training` (over 26 weeks), `short_training`, `unsuitable` (those who hold "
        "the subject fail something else), or null where nothing says so.",
        examples=["short_training"],
    )
    demand_trend: MeasuredView | None = Field(
        description="How much faster the demand grows than the region's, over 13 weeks: thousandths of its logarithm a week, "
        "so 20 is about two percent a week. Evidence: weeks.",
        examples=[{"value": 20, "evidence": 13}],
    )
    fill_rate: MeasuredView | None = Field(
        description="Positions filled of those posted by openings that ended within 180 days, thousandths. Evidence: openings.",
        examples=[{"value": 640, "evidence": 11}],
    )
    days_to_fill: MeasuredView | None = Field(
        description="Median days from publication until the last position is filled. Evidence: filled openings.",
        examples=[{"value": 34, "evidence": 7}],
    )
    posted_wage: MeasuredView | None = Field(
        description="Median of the midpoints of posted pay, US cents an hour. Evidence: openings that post pay.",
        examples=[{"value": 2800, "evidence": 6}],
    )
    wage_ratio: MeasuredView | None = Field(
        description="Posted pay to the BLS medians of the occupations, thousandths: 1000 is the median. Evidence: openings.",
        examples=[{"value": 1050, "evidence": 6}],
    )
    concentration: MeasuredView | None = Field(
        description="BLS location quotient of the occupations in the region, thousandths: 1000 is as common as in the nation. "
        "Evidence: openings with an occupation.",
        examples=[{"value": 1840, "evidence": 6}],
    )


class SignalView(BaseModel):
    """The newest signal of a cell: how short a region is of a credential or competency (MARKET.md section 13)."""

    region: RegionId
    subject: str = Field(
        description="What is asked for: `credential:` with an id, or `competency:` with an id, `@` and a level.",
        examples=["competency:machining.cnc-milling@3"],
    )
    level: str = Field(
        description="How short the cell is: insufficient_data, surplus, balanced, shortage or severe (MARKET.md section 12).",
        examples=["shortage"],
    )
    level_ahead: str | None = Field(
        description="Level that the cell will have once those in training finish, by `tightness_ahead`. Look at it before you "
        "plan for a shortage that others have answered. It is insufficient_data when `level` is. " + EARLIER,
        examples=["balanced"],
    )
    kind: str = Field(
        description="Type of the newest event: ShortageRaised, ShortageEased, ShortageCleared, ShortageSilenced or "
        "ShortageRevised (MARKET.md section 13).",
        examples=["ShortageRaised"],
    )
    components: SignalComponentsView | None = Field(description="The counts behind the level. " + GUARD)
    top_credentials: list[str] = Field(
        description="Ids of up to five credentials that provide the subject, the shortest training first. Empty for providers "
        "under the evidence guard.",
        examples=[["nims:cnc-milling-operator"]],
    )
    policy_version: int = Field(description="Version of the matching policy by which it was computed.", examples=[1])
    day: date = Field(description=f"Calendar date {ZONED} for which it was computed.", examples=["2026-11-22"])
    at: datetime = Field(description="UTC instant of the newest event.", examples=["2026-11-22T09:00:00Z"])
    version: int = Field(description="Grows with each signal of the cell.", examples=[4])
    indicators: IndicatorsView | None = Field(
        description="Statistics beside the counts; null too where none have been drawn yet. " + GUARD
    )

    @classmethod
    def of(cls, signal: ShortageSignal) -> Self:
        return cls.model_validate(asdict(signal))

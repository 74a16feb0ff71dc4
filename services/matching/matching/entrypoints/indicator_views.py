"""What the route of indicators answers with."""

from datetime import date
from typing import Any

from pydantic import BaseModel, Field

from contracts.matching import CellLevel
from contracts.wire import ZONED
from matching.domain.indicators.history import Source
from matching.domain.indicators.measuring import Driver
from matching.entrypoints.fields import DAY_EXAMPLE, RegionId, Subject


class CellMeasuredView(BaseModel):
    """A statistic with the number of things that it was drawn from."""

    value: int | None = Field(description="In the unit that the indicator names; null when the evidence is too thin to say.")
    evidence: int = Field(description="How many things it was drawn from; the indicator says what.")


def _indicator(description: str, value: int, evidence: int) -> Any:
    return Field(description=description, examples=[{"value": value, "evidence": evidence}])


class CellIndicatorsView(BaseModel):
    """Statistics beside a cell's components. A value from openings is null below the guard of a cell: 5 openings of 3 employers
    unless the policy says otherwise."""

    region: RegionId
    subject: Subject
    level: CellLevel = Field(description="The cell's level now (MARKET.md section 12).", examples=["shortage"])
    as_of: date = Field(description=f"Calendar date {ZONED} as of which they were drawn.", examples=[DAY_EXAMPLE])
    source: Source = Field(
        description="The kind of records that they were drawn from: `live`, `simulated` (imported history) or both, `mixed`."
    )
    driver: Driver | None = Field(
        description="Why positions stay open: `long_training` or `short_training` (short, and the quickest training takes more "
        "than 26 weeks, or not), `unsuitable` (not short, yet a fifth of the demand or more is blocked), or null.",
        examples=["short_training"],
    )
    demand_trend: CellMeasuredView = _indicator(
        "How much faster weekly demand grows than the region's, over the last 13 weeks: thousandths of ln(demand) a week. "
        "Evidence: weeks, at least 8.",
        -4,
        13,
    )
    fill_rate: CellMeasuredView = _indicator(
        "Positions filled of those posted, thousandths, of the openings that ended within 180 days. Evidence: those openings.",
        612,
        31,
    )
    days_to_fill: CellMeasuredView = _indicator(
        "Median days from publication until the last position is filled (Kaplan-Meier), of openings published within 180 days. "
        "Evidence: filled openings.",
        47,
        19,
    )
    posted_wage: CellMeasuredView = _indicator(
        "Median midpoint of the pay that open openings post, US cents an hour. Evidence: those openings.", 2450, 7
    )
    wage_ratio: CellMeasuredView = _indicator(
        "The median posted midpoint over the mean BLS median of the occupations, thousandths: 1000 is the same. Evidence: the "
        "openings with both.",
        961,
        7,
    )
    concentration: CellMeasuredView = _indicator(
        "BLS location quotient of the openings' occupations, thousandths: 1000 is as common as in the nation. Evidence: "
        "openings with an occupation.",
        1180,
        9,
    )

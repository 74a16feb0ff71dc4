"""What the route of indicators answers with."""

from pydantic import BaseModel, Field


class CellMeasuredView(BaseModel):
    value: int | None = Field(description="Null where the evidence is too thin to say.")
    evidence: int


class CellIndicatorsView(BaseModel):
    """`matching.domain.indicators.measuring` has the formulas. Shares, ratios and slopes in thousandths."""

    region: str
    subject: str
    level: str
    as_of: str
    source: str = Field(description="live, simulated or mixed: the kind of records that they were drawn from.")
    driver: str | None = Field(description="long_training, short_training, unsuitable, or null.")
    demand_trend: CellMeasuredView = Field(
        description="Growth of ln(weekly demand) a week beyond the region's; evidence: weeks."
    )
    fill_rate: CellMeasuredView = Field(description="Positions filled of those posted; evidence: openings that ended.")
    days_to_fill: CellMeasuredView = Field(description="Median days until an opening is filled; evidence: filled openings.")
    posted_wage: CellMeasuredView = Field(description="Median midpoint, US cents an hour; evidence: openings.")
    wage_ratio: CellMeasuredView = Field(description="That median to the BLS medians of the occupations; evidence: openings.")
    concentration: CellMeasuredView = Field(description="Location quotient of the occupations; evidence: openings.")

"""Statistics that a shortage signal carries beside its components, for people who decide what to teach and what to pay."""

from typing import Literal

from pydantic import Field

from contracts.wire import ZONED, Count, Day, Whole
from makersync.topic import WireModel


class Measured(WireModel):
    """A statistic and how many things it was drawn from. The value is absent where those are too few to say."""

    value: Whole | None = Field(
        None,
        description="The value, in the unit of the indicator. Not given where the evidence is too thin to say.",
        examples=[612],
    )
    evidence: Count = Field(
        description="How many things the value was drawn from: weeks or openings, as the indicator says.", examples=[31]
    )


class CellIndicators(WireModel):
    """Statistics beside a cell's components, drawn from its history. `driver` alone is as new as the signal."""

    as_of: Day = Field(
        description=f"Calendar date {ZONED} on which the statistics were drawn; they may be a little older than the signal."
    )
    source: Literal["live", "simulated", "mixed"] = Field(
        description="Kind of the records behind the statistics: `live` ones, `simulated` ones or both (`mixed`)."
    )
    driver: Literal["long_training", "short_training", "unsuitable"] | None = Field(
        None,
        description="Why positions stay open. At the levels `shortage` and `severe`: the shortest training that leads to the "
        "subject takes more than 26 weeks (`long_training`) or not (`short_training`). At `surplus` and `balanced`: those who "
        "hold the subject fail other requirements (`unsuitable`). Not given where nothing says so.",
        examples=["short_training"],
    )
    demand_trend: Measured | None = Field(
        None,
        description="How much faster the cell's demand grows than the region's, in thousandths of log points a week over the "
        "last 13 weeks: 10 is about 1 % a week. Its evidence counts weeks.",
        examples=[{"value": 12, "evidence": 13}],
    )
    fill_rate: Measured | None = Field(
        None,
        description="Positions filled of those posted, in thousandths, among the openings that ended in the last 180 days. Its "
        "evidence counts openings.",
        examples=[{"value": 612, "evidence": 31}],
    )
    days_to_fill: Measured | None = Field(
        None,
        description="Median days from an opening's publication until its last position is filled, by the Kaplan-Meier estimate "
        "over the last 180 days. Its evidence counts filled openings.",
        examples=[{"value": 47, "evidence": 19}],
    )
    posted_wage: Measured | None = Field(
        None,
        description="Median of the midpoints of the posted wages, in US cents an hour. Its evidence counts open openings that "
        "post one.",
        examples=[{"value": 2800, "evidence": 7}],
    )
    wage_ratio: Measured | None = Field(
        None,
        description="Posted wage over the BLS medians of the occupations, in thousandths: 1000 is the same. Its evidence "
        "counts open openings whose occupation has a BLS median.",
        examples=[{"value": 961, "evidence": 7}],
    )
    concentration: Measured | None = Field(
        None,
        description="BLS location quotient of the occupations in the region, in thousandths: 1000 is as common as in the "
        "nation. Its evidence counts open openings with an occupation.",
        examples=[{"value": 1180, "evidence": 9}],
    )

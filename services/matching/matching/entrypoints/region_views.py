"""What the routes of regions answer with."""

from datetime import date

from pydantic import BaseModel, Field

from contracts.wire import ZONED
from matching.entrypoints.fields import DAY_EXAMPLE, RegionId


class RegionView(BaseModel):
    """A labour market in numbers (MARKET.md section 1)."""

    region: RegionId
    name: str = Field(description="The name of the region, for people.", examples=["Toledo, OH"])
    openings: int = Field(description="Openings published here, whatever their status.", examples=[12])
    learners: int = Field(description="Learners whose reach includes the region (MARKET.md section 1).", examples=[340])
    matches: int = Field(description="Live matches: learners on the shortlists of its openings.", examples=[75])
    cells: int = Field(description="Shortage cells with a level other than `insufficient_data`.", examples=[8])


class Markets(BaseModel):
    """All regions of which something is known."""

    day: date = Field(description=f"Calendar date {ZONED} that the results are for.", examples=[DAY_EXAMPLE])
    regions: list[RegionView] = Field(description="By region id.")

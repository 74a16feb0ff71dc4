"""What the routes of regions answer with."""

from pydantic import BaseModel


class RegionView(BaseModel):
    """`cells` counts those with a level."""

    region: str
    name: str
    openings: int
    learners: int
    matches: int
    cells: int


class Markets(BaseModel):
    day: str
    regions: list[RegionView]

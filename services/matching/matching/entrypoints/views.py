"""What the matching service's routes answer with."""

from typing import Any

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


class CellView(BaseModel):
    region: str
    subject: str
    level: str
    previous_level: str | None
    signal: dict[str, Any] | None


class MatchView(BaseModel):
    opening_id: str
    learner_id: str
    region: str
    version: int
    live: bool
    match: dict[str, Any]

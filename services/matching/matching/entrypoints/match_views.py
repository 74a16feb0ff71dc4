"""What the routes of matches answer with."""

from typing import Any

from pydantic import BaseModel


class MatchView(BaseModel):
    opening_id: str
    learner_id: str
    region: str
    version: int
    live: bool
    match: dict[str, Any]

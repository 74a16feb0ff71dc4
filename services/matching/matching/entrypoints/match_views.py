"""What the routes of matches answer with."""

from pydantic import BaseModel, Field

from contracts.matching import MatchEnded, MatchState
from matching.entrypoints.fields import LearnerId, OpeningId, RegionId


class MatchView(BaseModel):
    """The last event of an opening and a learner (MARKET.md section 10)."""

    opening_id: OpeningId
    learner_id: LearnerId
    region: RegionId
    version: int = Field(description="Version of the match: it grows with every event of the pair.", examples=[1])
    live: bool = Field(description="Whether the learner is on the opening's shortlist.", examples=[True])
    match: MatchState | MatchEnded = Field(
        description="The event's data: the score and what it stands on, or why the match ended. "
        "Fields without a value are left out."
    )

"""Matches in answers."""

from pydantic import BaseModel, Field

from makersync.http.pagination import Page


class LearnerMatchView(BaseModel):
    opening_id: str
    region: str
    live: bool
    score: int | None = Field(description="0 to 10000; null once the match has ended.")
    reason: str | None = Field(description="Why it ended.")
    version: int


class MatchPage(Page[LearnerMatchView]):
    live_count: int = Field(description="Live matches of the learner, on all pages.")

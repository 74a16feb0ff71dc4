"""Matches in answers."""

from typing import Annotated

from pydantic import BaseModel, Field

from learners.domain.match import LearnerMatch
from learners.domain.opening import PublicOpening
from learners.entrypoints.ids import RegionId
from learners.entrypoints.opening_views import PublicOpeningView
from makersync.http.pagination import Page


class LearnerMatchView(BaseModel):
    """A learner's place on the shortlist of one opening, as the matching service last published it."""

    opening_id: str = Field(
        description="Id of the opening, which the openings service describes.", examples=["opn_01m8mx80qj6b9vw3tqf1p5n7ra"]
    )
    region: Annotated[
        RegionId, Field(description="The opening's labour market: a CBSA code, `nonmetro-` with the state, or `remote`.")
    ]
    live: bool = Field(description="Whether the learner is on the shortlist now.", examples=[True])
    score: int | None = Field(
        description="From 0 to 10000, the higher the better (MARKET.md section 8); null once the match has ended.",
        examples=[8400],
    )
    reason: str | None = Field(
        description="Why it ended, by the reasons of MARKET.md section 10, such as `outranked` or `opening_closed`; null "
        "while it is live.",
        examples=[None],
    )
    opening: PublicOpeningView | None = Field(
        description="What the employer tells everybody about the job; null when this service has not read the opening yet."
    )
    version: int = Field(
        description="Grows with each event of this learner and opening; not the learner's version.", examples=[2]
    )

    @classmethod
    def of(cls, match: LearnerMatch, opening: PublicOpening | None) -> "LearnerMatchView":
        return cls(
            opening_id=match.opening_id,
            region=match.region,
            live=match.live,
            score=match.score,
            reason=match.reason,
            opening=None if opening is None else PublicOpeningView.of(opening),
            version=match.version,
        )


class MatchPage(Page[LearnerMatchView]):
    """Some of a learner's matches, by the openings' ids."""

    live_count: int = Field(description="Live matches of the learner on all pages, whatever is asked for.", examples=[1])

"""An explanation as the route answers with it and as the commands print it with `--json`."""

import json
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.vocabulary import OpeningStatus
from contracts.wire import ZONED
from matching.domain.explanation.cheapest_change import Barrier
from matching.domain.explanation.findings import Explanation, ShortlistPlace
from matching.domain.rules.gates import Gate
from matching.entrypoints.explanation_change_views import ChangeView
from matching.entrypoints.explanation_example import EXPLANATION_EXAMPLE
from matching.entrypoints.explanation_finding_views import (
    AwardFindingView,
    ComponentView,
    GateView,
    GroupView,
    HoldingView,
    ScoreView,
)
from matching.entrypoints.fields import DAY_EXAMPLE, LearnerId, OpeningId, PolicyVersion
from matching.entrypoints.past_views import AsOfView

Unmatched = Literal["opening_not_live", "unmet_groups"]


class OpeningStateView(BaseModel):
    """Whether the opening is live, and if not, everything that keeps it from being (MARKET.md section 3)."""

    live: bool = Field(description="Whether candidates are matched on the day of the explanation.", examples=[True])
    barriers: list[Barrier] = Field(
        description="Why it is not live: its status is not `open`, no position remains, or its closing date has passed. Empty "
        "when it is live.",
        examples=[[]],
    )
    status: OpeningStatus = Field(description="The opening's status.", examples=["open"])
    remaining: int = Field(description="Positions that are not filled.", examples=[2])
    closes_on: date | None = Field(
        description=f"The last calendar date {ZONED} on which it is live; null: it never expires.", examples=["2026-11-29"]
    )
    version: int = Field(description="Version of the opening that the explanation is about.", examples=[1])

    @classmethod
    def of(cls, explained: Explanation) -> "OpeningStateView":
        opening = explained.opening
        return cls(
            live=not explained.barriers,
            barriers=list(explained.barriers),
            status=opening.status,
            remaining=opening.remaining,
            closes_on=opening.closes_on,
            version=opening.version,
        )


class LastView(BaseModel):
    """The last learner on the shortlist, whom another must outrank to enter a full one."""

    learner_id: LearnerId
    score: int = Field(description="The learner's score, from 0 to 10000.", examples=[2857])
    seeking_since: date | None = Field(
        description=f"Calendar date {ZONED} since which the learner has looked for work; null: unknown.",
        examples=["2026-11-02"],
    )


class ShortlistPlaceView(BaseModel):
    """Where the learner stands on the opening's shortlist as it is stored (MARKET.md section 9)."""

    rank: int | None = Field(description="The place, from 1; null when the learner is not on it.", examples=[1])
    listed: int = Field(description="Learners that are on it.", examples=[1])
    size: int = Field(
        description="Learners that it has room for: by the policy's defaults min(100, max(10, 5 * remaining)).", examples=[10]
    )
    outranked: bool = Field(description="Whether the learner is qualified, and the shortlist is full of others.")
    last: LastView | None = Field(description="The last of those on it; null when it is empty.")

    @classmethod
    def of(cls, place: ShortlistPlace) -> "ShortlistPlaceView":
        last = place.last and LastView(
            learner_id=place.last.learner_id, score=place.last.facts.score, seeking_since=place.last.facts.seeking_since
        )
        return cls(rank=place.rank, listed=place.listed, size=place.size, outranked=place.outranked, last=last)


class ExplanationView(BaseModel):
    """Why an opening and a learner match or do not, with all that is needed to judge again by hand.

    The rules are those of MARKET.md sections 3 to 9.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [EXPLANATION_EXAMPLE]})

    opening_id: OpeningId
    learner_id: LearnerId
    day: date = Field(
        description=f"Calendar date {ZONED} that the pair is judged on: dates of awards and of the opening are compared with "
        "it.",
        examples=[DAY_EXAMPLE],
    )
    policy_version: PolicyVersion
    qualified: bool = Field(
        description="Whether the opening is live, no gate fails and every required group is met (MARKET.md section 7).",
        examples=[True],
    )
    reason: Gate | Unmatched | None = Field(
        description="Why the learner is not qualified: `opening_not_live`, else the first gate that fails, else "
        "`unmet_groups`; null when qualified.",
        examples=[None],
    )
    opening: OpeningStateView = Field(description="Whether the opening is live (MARKET.md section 3).")
    unmet_groups: list[str] = Field(description="Ids of the required groups that are not met.", examples=[[]])
    gates: list[GateView] = Field(description="Every gate in the order of MARKET.md section 6.")
    groups: list[GroupView] = Field(description="Every requirement group in the opening's order (MARKET.md section 5).")
    awards: list[AwardFindingView] = Field(description="Every award of the learner, whether it counts or not.")
    holdings: list[HoldingView] = Field(description="What the awards in force amount to, by credential (MARKET.md section 5).")
    components: list[ComponentView] = Field(
        description="The three parts of the score, also of a learner who is not qualified (MARKET.md section 8)."
    )
    score: ScoreView | None = Field(description="What a shortlist orders by; null unless qualified (MARKET.md section 8).")
    shortlist: ShortlistPlaceView = Field(description="Where the learner stands among the opening's live matches.")
    change: ChangeView | None = Field(
        description="The cheapest change that would make the learner qualified; null when qualified."
    )
    as_of: AsOfView | None = Field(None, description="What an explanation with `at` stands on; null when it is of now.")

    @classmethod
    def of(cls, explained: Explanation, place: ShortlistPlace) -> "ExplanationView":
        """Everything that a reader needs to judge again by hand."""
        return cls(
            opening_id=explained.opening.opening_id,
            learner_id=explained.learner.learner_id,
            day=explained.day,
            policy_version=explained.policy.version,
            qualified=explained.qualified,
            reason=explained.reason,
            opening=OpeningStateView.of(explained),
            unmet_groups=list(explained.unmet),
            gates=[GateView.model_validate(found) for found in explained.gates],
            groups=[GroupView.of(found) for found in explained.groups],
            awards=[AwardFindingView.of(found) for found in explained.awards],
            holdings=[HoldingView.model_validate(found) for found in explained.holdings],
            components=[ComponentView.model_validate(found) for found in explained.components],
            score=explained.score and ScoreView.model_validate(explained.score),
            shortlist=ShortlistPlaceView.of(place),
            change=explained.change and ChangeView.model_validate(explained.change),
        )

    def as_json(self) -> str:
        """As the commands print it: what does not apply to a form or an award is left out."""
        return json.dumps(self.model_dump(mode="json", exclude_unset=True), indent=1)

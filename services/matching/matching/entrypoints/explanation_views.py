"""What the route of explanations answers with: the document of `matching.adapters.explanation_document`."""

from typing import Any

from pydantic import BaseModel, Field


class OpeningStateView(BaseModel):
    """Whether the opening is live, and if not, everything that keeps it from being."""

    live: bool
    barriers: list[str] = Field(description="Of not_open, none_remaining, expired.")
    status: str
    remaining: int
    closes_on: str | None
    version: int


class GateView(BaseModel):
    """Distances in metres, wages in US cents an hour."""

    gate: str
    verdict: str
    values: dict[str, Any]


class AlternativeView(BaseModel):
    """One form of a group; `through` are the holdings that make it held."""

    credential: str | None = None
    competency: str | None = None
    level: int | None = None
    held: bool
    verified: bool
    through: list[str]


class GroupView(BaseModel):
    """A group as it is asked for, and its outcome (MARKET.md section 5)."""

    id: str
    necessity: str
    weight: int
    verified_only: bool
    any_of: list[AlternativeView]
    met: bool
    evidence: str | None
    awards: list[str]


class AwardView(BaseModel):
    """`defined` is false while the catalog lacks the credential: it is then held by nobody."""

    award_id: str
    credential: str
    status: str
    issued_on: str | None = None
    expires_on: str | None = None
    expected_on: str | None = None
    evidence: str
    in_force: bool
    why_not: str | None = Field(description="The status, not_issued, not_issued_yet or expired.")
    defined: bool


class HoldingView(BaseModel):
    """A credential that the awards in force amount to, and the awards that support it, of all and of the verified alone."""

    credential: str
    awards: list[str]
    verified_awards: list[str]


class ComponentView(BaseModel):
    """`value` = 10000 * numerator // denominator; null when the denominator is 0."""

    name: str
    weight: int
    numerator: int
    denominator: int
    value: int | None


class ScoreView(BaseModel):
    """`value` = numerator // denominator, of weight * component over the weights of the defined; 10000 without any."""

    numerator: int
    denominator: int
    value: int


class LastView(BaseModel):
    learner_id: str
    score: int
    seeking_since: str | None


class ShortlistPlaceView(BaseModel):
    """`listed` of at most `size` are on the shortlist; `outranked`: qualified, and it is full of others."""

    rank: int | None
    listed: int
    size: int
    outranked: bool
    last: LastView | None


class GateChangeView(BaseModel):
    """The learner's field and the value that would pass; not `possible` for a reach that nobody can have."""

    gate: str
    field: str
    comparison: str
    value: Any
    possible: bool


class StepView(BaseModel):
    """Verify an attested award, or earn a credential."""

    kind: str
    credential: str
    weeks: int | None
    award_id: str | None


class OpeningChangeView(BaseModel):
    """The opening's field that keeps it from being live, and the value with which it would not."""

    barrier: str
    field: str
    comparison: str
    value: Any


class ChangeView(BaseModel):
    """All of it together would make the learner qualified, with the least training, then the fewest steps; `beyond` says why no
    steps are named. While the opening is not live nothing of the learner's would help, and `opening` says what would."""

    gates: list[GateChangeView]
    steps: list[StepView]
    beyond: str | None = Field(description="opening_not_live, nothing_known or too_many_ways.")
    opening: list[OpeningChangeView]


class ExplanationView(BaseModel):
    """`reason` is opening_not_live, the first failing gate, unmet_groups, or null for a qualified pair."""

    opening_id: str
    learner_id: str
    day: str
    policy_version: int
    qualified: bool
    reason: str | None
    opening: OpeningStateView
    unmet_groups: list[str]
    gates: list[GateView]
    groups: list[GroupView]
    awards: list[AwardView]
    holdings: list[HoldingView]
    components: list[ComponentView]
    score: ScoreView | None
    shortlist: ShortlistPlaceView
    change: ChangeView | None

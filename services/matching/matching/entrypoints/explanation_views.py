"""An explanation as the route answers with it and as the commands print it with `--json`."""

import json
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from matching.domain.explanation.findings import (
    AlternativeFinding,
    AwardFinding,
    Explanation,
    GroupFinding,
    ShortlistPlace,
)
from matching.domain.market.subjects import CompetencyAlternative

Day = Annotated[str, BeforeValidator(lambda day: day.isoformat() if isinstance(day, date) else day)]


class _FindingView(BaseModel):
    """Has the fields of what the domain found, under the same names."""

    model_config = ConfigDict(from_attributes=True)


class OpeningStateView(BaseModel):
    """Whether the opening is live, and if not, everything that keeps it from being."""

    live: bool
    barriers: list[str] = Field(description="Of not_open, none_remaining, expired.")
    status: str
    remaining: int
    closes_on: Day | None
    version: int

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


class GateView(_FindingView):
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

    @classmethod
    def of(cls, found: AlternativeFinding) -> "AlternativeView":
        form, said = found.alternative, {"held": found.held, "verified": found.verified, "through": found.through}
        if isinstance(form, CompetencyAlternative):
            return cls.model_validate(said | {"competency": form.competency, "level": form.level})
        return cls.model_validate(said | {"credential": form.credential})


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

    @classmethod
    def of(cls, found: GroupFinding) -> "GroupView":
        asked, outcome = found.group, found.outcome
        return cls(
            id=asked.id,
            necessity=asked.necessity,
            weight=asked.weight,
            verified_only=asked.verified_only,
            any_of=[AlternativeView.of(each) for each in found.alternatives],
            met=outcome.met,
            evidence=outcome.evidence,
            awards=list(outcome.awards),
        )


class AwardFindingView(BaseModel):
    """`defined` is false while the catalog lacks the credential: it is then held by nobody."""

    award_id: str
    credential: str
    status: str
    issued_on: Day | None = None
    expires_on: Day | None = None
    expected_on: Day | None = None
    evidence: str
    in_force: bool
    why_not: str | None = Field(description="The status, not_issued, not_issued_yet or expired.")
    defined: bool

    @classmethod
    def of(cls, found: AwardFinding) -> "AwardFindingView":
        award = found.award
        dates = {"issued_on": award.issued_on, "expires_on": award.expires_on, "expected_on": award.expected_on}
        return cls(
            award_id=award.award_id,
            credential=award.credential,
            status=award.status,
            evidence=award.evidence,
            in_force=found.in_force,
            why_not=found.why_not,
            defined=found.defined,
            **{name: day for name, day in dates.items() if day is not None},
        )


class HoldingView(_FindingView):
    """A credential that the awards in force amount to, and the awards that support it, of all and of the verified alone."""

    credential: str
    awards: list[str]
    verified_awards: list[str]


class ComponentView(_FindingView):
    """`value` = 10000 * numerator // denominator; null when the denominator is 0."""

    name: str
    weight: int
    numerator: int
    denominator: int
    value: int | None


class ScoreView(_FindingView):
    """`value` = numerator // denominator, of weight * component over the weights of the defined; 10000 without any."""

    numerator: int
    denominator: int
    value: int


class LastView(BaseModel):
    learner_id: str
    score: int
    seeking_since: Day | None


class ShortlistPlaceView(BaseModel):
    """`listed` of at most `size` are on the shortlist; `outranked`: qualified, and it is full of others."""

    rank: int | None
    listed: int
    size: int
    outranked: bool
    last: LastView | None

    @classmethod
    def of(cls, place: ShortlistPlace) -> "ShortlistPlaceView":
        last = place.last and LastView(
            learner_id=place.last.learner_id, score=place.last.facts.score, seeking_since=place.last.facts.seeking_since
        )
        return cls(rank=place.rank, listed=place.listed, size=place.size, outranked=place.outranked, last=last)


class GateChangeView(_FindingView):
    """The learner's field and the value that would pass; not `possible` for a reach that nobody can have."""

    gate: str
    field: str
    comparison: str
    value: Any
    possible: bool


class StepView(_FindingView):
    """Verify an attested award, or earn a credential."""

    kind: str
    credential: str
    weeks: int | None
    award_id: str | None


class OpeningChangeView(_FindingView):
    """The opening's field that keeps it from being live, and the value with which it would not."""

    barrier: str
    field: str
    comparison: str
    value: Any


class ChangeView(_FindingView):
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
    day: Day
    policy_version: int
    qualified: bool
    reason: str | None
    opening: OpeningStateView
    unmet_groups: list[str]
    gates: list[GateView]
    groups: list[GroupView]
    awards: list[AwardFindingView]
    holdings: list[HoldingView]
    components: list[ComponentView]
    score: ScoreView | None
    shortlist: ShortlistPlaceView
    change: ChangeView | None

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

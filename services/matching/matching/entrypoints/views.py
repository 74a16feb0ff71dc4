"""What the matching service's routes answer with."""

from typing import Any

from pydantic import BaseModel

from matching.application.explaining import Explanation
from matching.domain.records import GroupOutcome


class Outcome(BaseModel):
    id: str
    met: bool
    evidence: str | None
    awards: list[str]


class Gate(BaseModel):
    gate: str
    verdict: str
    values: dict[str, Any]


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


class ExplanationView(BaseModel):
    """`reason` is the first failing gate, `opening_not_live`, `unmet_groups`, or None for a qualified pair."""

    opening_id: str
    learner_id: str
    day: str
    policy_version: int
    qualified: bool
    reason: str | None
    unmet_groups: list[str]
    gates: list[Gate]
    groups: list[Outcome]
    components: dict[str, int]
    score: int | None


def outcome_view(outcome: GroupOutcome) -> Outcome:
    evidence = outcome.evidence.value if outcome.evidence else None
    return Outcome(id=outcome.id, met=outcome.met, evidence=evidence, awards=list(outcome.awards))


def reason_of(explanation: Explanation) -> str | None:
    if explanation.qualified:
        return None
    if not explanation.opening_live:
        return "opening_not_live"
    return explanation.failing_gate.value if explanation.failing_gate else "unmet_groups"

"""How shortlists are shown: the candidates in their order, each with the explanation of its score."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from contracts.openings import RequirementGroupState
from openings.adapters.opening_events import group_state
from openings.domain.opening import Group, Opening
from openings.domain.shortlist import Candidate, FormerCandidate, GroupResult, groups_explained, ranked

REVISED_SINCE = "The opening's groups were revised after this result; a new one is on its way."


class ComponentsView(BaseModel):
    """The parts of a score, each 0..10000; null where undefined."""

    preferred: int | None
    trainable: int | None
    evidence: int | None


class GroupExplained(BaseModel):
    """How a learner meets one group. `asked` is null when the groups were revised since the result."""

    id: str
    met: bool
    evidence: Literal["verified", "attested"] | None
    awards: list[str]
    asked: RequirementGroupState | None


class CandidateExplanationView(BaseModel):
    """Everything that is needed to recompute the score by hand (MARKET.md section 8)."""

    score: int
    components: ComponentsView
    groups: list[GroupExplained]
    unknown: list[str] = Field(description="Gates that pass only because a fact is unknown.")
    policy_version: int
    day: date
    opening_version: int = Field(description="The version of the opening that the result refers to.")
    learner_version: int
    note: str | None = None


class CandidateView(BaseModel):
    rank: int
    learner_id: str
    provider_id: str
    version: int
    score: int
    seeking_since: date | None
    changed_at: datetime
    explanation: CandidateExplanationView


class FormerCandidateView(BaseModel):
    """A match that has ended. The score is the last one, null once it is forgotten."""

    learner_id: str
    provider_id: str | None
    version: int
    score: int | None
    reason: str
    day: date
    changed_at: datetime


class ShortlistView(BaseModel):
    """The candidates in the order of MARKET.md section 9 and, on request, those who have recently ceased to be candidates."""

    opening_id: str
    opening_version: int
    live: bool
    candidates: list[CandidateView]
    withdrawn: list[FormerCandidateView] | None = None


def candidate_views(opening: Opening, candidates: list[Candidate]) -> list[CandidateView]:
    return [_candidate_view(rank, opening, each) for rank, each in enumerate(ranked(candidates), start=1)]


def former_view(former: FormerCandidate) -> FormerCandidateView:
    return FormerCandidateView.model_validate(former, from_attributes=True)


def _candidate_view(rank: int, opening: Opening, candidate: Candidate) -> CandidateView:
    return CandidateView(
        rank=rank,
        learner_id=candidate.learner_id,
        provider_id=candidate.provider_id,
        version=candidate.version,
        score=candidate.score,
        seeking_since=candidate.seeking_since,
        changed_at=candidate.changed_at,
        explanation=_explanation(opening, candidate),
    )


def _explanation(opening: Opening, candidate: Candidate) -> CandidateExplanationView:
    asked = groups_explained(opening, candidate.opening_version)
    groups = {group.id: group for group in asked or ()}
    return CandidateExplanationView(
        score=candidate.score,
        components=ComponentsView.model_validate(candidate.components, from_attributes=True),
        groups=[_group_explained(outcome, groups.get(outcome.id)) for outcome in candidate.outcomes],
        unknown=list(candidate.unknown),
        policy_version=candidate.policy_version,
        day=candidate.day,
        opening_version=candidate.opening_version,
        learner_version=candidate.learner_version,
        note=REVISED_SINCE if asked is None else None,
    )


def _group_explained(outcome: GroupResult, asked: Group | None) -> GroupExplained:
    return GroupExplained.model_validate(
        {
            "id": outcome.id,
            "met": outcome.met,
            "evidence": outcome.evidence,
            "awards": list(outcome.awards),
            "asked": None if asked is None else group_state(asked),
        }
    )

"""How shortlists are shown: the candidates in their order, each with the explanation of its score."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from contracts.openings import RequirementGroupState
from contracts.wire import ZONED
from openings.adapters.opening_events import group_state
from openings.domain.introduction import IntroductionRequest
from openings.domain.opening import Group, Opening
from openings.domain.shortlist import Candidate, GroupResult, groups_explained, held_for, ranked
from openings.entrypoints.fields import (
    AWARD_EXAMPLE,
    MILLING_EXAMPLE,
    OPENING_EXAMPLE,
    PROVIDER_EXAMPLE,
    SAFETY_EXAMPLE,
    ChangedAt,
    LearnerId,
    MatchVersion,
    Score,
)
from openings.entrypoints.former_candidate_views import FormerCandidateView
from openings.entrypoints.held_credential_views import HeldCredentialView, KnownNames, ProviderName, held_views
from openings.entrypoints.introduction_views import IntroductionMark

REVISED_SINCE = "The opening's groups were revised after this result; a new one is on its way."
_DAY = "2026-11-22"


#: The score is (50 * 0 + 20 * 10000) // (50 + 20).
_EXPLANATION_EXAMPLE: JsonDict = {
    "score": 2857,
    "components": {"preferred": 0, "trainable": None, "evidence": 10000},
    "groups": [
        {
            "id": "milling",
            "met": True,
            "evidence": "verified",
            "awards": [AWARD_EXAMPLE],
            "held": [
                {
                    "award_id": AWARD_EXAMPLE,
                    "credential": "nims:cnc-milling-operator",
                    "name": "CNC Mill Operator",
                    "expires_on": "2028-11-20",
                }
            ],
            "asked": MILLING_EXAMPLE,
        },
        {
            "id": "safety",
            "met": False,
            "evidence": None,
            "awards": [],
            "held": [],
            "asked": SAFETY_EXAMPLE,
        },
    ],
    "unknown": [],
    "policy_version": 1,
    "day": _DAY,
    "opening_version": 1,
    "learner_version": 6,
    "note": None,
}


class ComponentsView(BaseModel):
    """The parts of a score, from 0 to 10000 each, floored to whole numbers; `//` is that division (MARKET.md section 8)."""

    preferred: int | None = Field(
        description="10000 * weights of the met preferred groups // weights of all preferred groups; null without such groups.",
        examples=[0],
    )
    trainable: int | None = Field(
        description="10000 * weights of the met trainable groups // weights of all trainable groups; null without such groups.",
        examples=[10000],
    )
    evidence: int | None = Field(
        description="10000 * number of required groups met with verified evidence // number of required groups; null without "
        "such groups.",
        examples=[10000],
    )


class GroupExplained(BaseModel):
    """How a learner meets one requirement group of the opening (MARKET.md section 5)."""

    id: str = Field(description="The id that the employer gave the group.", examples=["milling"])
    met: bool = Field(description="Whether any alternative is held; with `verified_only`, by verified awards.", examples=[True])
    evidence: Literal["verified", "attested"] | None = Field(
        description="`verified` when verified awards alone meet an alternative, `attested` when it takes a provider's word; "
        "null when the group is not met.",
        examples=["verified"],
    )
    awards: list[str] = Field(
        description="Ids of the learner's awards that support this, sorted: verified ones alone when the evidence is verified, "
        "none when the group is not met.",
        examples=[[AWARD_EXAMPLE]],
    )
    held: list[HeldCredentialView] | None = Field(
        description="The credentials of these awards, and when they end; null in a result from before matches stated them."
    )
    asked: RequirementGroupState | None = Field(
        description="The group as the result took it, with its weight; null when the groups were revised since."
    )


class CandidateExplanationView(BaseModel):
    """All that is needed to recompute the score by hand (MARKET.md section 8).

    `score` is sum(weight * component) // sum(weight) over the components that are not null, and 10000 when all are null. The
    weights are the policy's: 50 for preferred, 30 for trainable and 20 for evidence unless an operator has set others.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_EXPLANATION_EXAMPLE]})

    score: Score
    components: ComponentsView = Field(description="The parts that the score is the weighted mean of.")
    groups: list[GroupExplained] = Field(description="Every group of the opening, in the opening's order.")
    unknown: list[str] = Field(
        description="Gates that pass only because a fact is unknown: `unavailable` (a date) and `pay_conflict` (a wage) "
        "(MARKET.md section 6).",
        examples=[["pay_conflict"]],
    )
    policy_version: int = Field(description="Version of the policy whose weights the score was computed with.", examples=[1])
    day: date = Field(
        description=f"Calendar date {ZONED} that the result is for: awards count that were in force on it (MARKET.md section "
        "4).",
        examples=[_DAY],
    )
    opening_version: int = Field(description="The version of the opening that the result refers to.", examples=[1])
    learner_version: int = Field(description="The version of the learner's record that the result refers to.", examples=[6])
    note: str | None = Field(
        None, description="Says that the groups were revised after this result and a new one is on its way; else null."
    )


class CandidateView(BaseModel):
    """A learner on the shortlist: qualified, and among the best that it has room for (MARKET.md sections 7 and 9)."""

    rank: int = Field(
        description="Place on the shortlist, from 1: by score descending, `seeking_since` ascending (null last), `learner_id` "
        "ascending (MARKET.md section 9).",
        examples=[1],
    )
    learner_id: LearnerId
    provider_id: str = Field(
        description="Id of the training provider that recorded the learner, and through which the learner is reached.",
        examples=[PROVIDER_EXAMPLE],
    )
    provider_name: ProviderName
    version: MatchVersion
    score: Score
    seeking_since: date | None = Field(
        description=f"Calendar date {ZONED} since which the learner has looked for work; null when unknown. Of equal scores "
        "the earlier date ranks higher (MARKET.md section 9).",
        examples=["2026-11-02"],
    )
    changed_at: ChangedAt
    introduction: IntroductionMark | None = Field(
        description="The newest introduction of this learner to the opening; null when you have never asked."
    )
    explanation: CandidateExplanationView = Field(description="How the score comes about.")


class ShortlistView(BaseModel):
    """The candidates in the order of MARKET.md section 9 and, on request, those who have recently ceased to be candidates.

    Unless an operator has set other numbers, it has room for min(100, max(10, 5 * remaining)) candidates.
    """

    opening_id: str = Field(description="The opening whose shortlist this is.", examples=[OPENING_EXAMPLE])
    opening_version: int = Field(
        description="The opening's current version. A candidate's explanation may still refer to an earlier one.", examples=[1]
    )
    live: bool = Field(
        description=f"Whether candidates are matched today {ZONED}. While not, the list is empty or about to be.",
        examples=[True],
    )
    candidates: list[CandidateView] = Field(description="Best first.")
    withdrawn: list[FormerCandidateView] | None = Field(
        None, description="Matches that have ended within the last seven days, the latest first; null unless asked for."
    )


def candidate_views(
    opening: Opening,
    candidates: list[Candidate],
    names: KnownNames,
    introductions: Mapping[str, IntroductionRequest],
) -> list[CandidateView]:
    """The candidates in their order; `introductions` has the newest one of each learner."""
    return [
        _candidate_view(rank, opening, each, names, introductions.get(each.learner_id))
        for rank, each in enumerate(ranked(candidates), start=1)
    ]


def _candidate_view(
    rank: int,
    opening: Opening,
    candidate: Candidate,
    names: KnownNames,
    introduction: IntroductionRequest | None,
) -> CandidateView:
    return CandidateView(
        rank=rank,
        learner_id=candidate.learner_id,
        provider_id=candidate.provider_id,
        provider_name=names.provider(candidate.provider_id),
        version=candidate.version,
        score=candidate.score,
        seeking_since=candidate.seeking_since,
        changed_at=candidate.changed_at,
        introduction=None if introduction is None else IntroductionMark.of(introduction),
        explanation=_explanation(opening, candidate, names),
    )


def _explanation(opening: Opening, candidate: Candidate, names: KnownNames) -> CandidateExplanationView:
    asked = groups_explained(opening, candidate.opening_version)
    groups = {group.id: group for group in asked or ()}
    return CandidateExplanationView(
        score=candidate.score,
        components=ComponentsView.model_validate(candidate.components, from_attributes=True),
        groups=[_group_explained(candidate, outcome, groups.get(outcome.id), names) for outcome in candidate.outcomes],
        unknown=list(candidate.unknown),
        policy_version=candidate.policy_version,
        day=candidate.day,
        opening_version=candidate.opening_version,
        learner_version=candidate.learner_version,
        note=REVISED_SINCE if asked is None else None,
    )


def _group_explained(candidate: Candidate, outcome: GroupResult, asked: Group | None, names: KnownNames) -> GroupExplained:
    held = candidate.held
    return GroupExplained.model_validate(
        {
            "id": outcome.id,
            "met": outcome.met,
            "evidence": outcome.evidence,
            "awards": list(outcome.awards),
            "held": None if held is None else held_views(held_for([outcome], held, outcome.id), names.credentials),
            "asked": None if asked is None else group_state(asked),
        }
    )

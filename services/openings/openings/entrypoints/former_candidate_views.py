"""Former candidates in answers: why a match ended, in words, and what is behind it."""

from datetime import date

from pydantic import BaseModel, Field

from contracts.wire import ZONED
from openings.domain.shortlist import FormerCandidate, held_for
from openings.domain.shortlist_reasons import in_words
from openings.entrypoints.fields import PROVIDER_EXAMPLE, ChangedAt, LearnerId, MatchVersion
from openings.entrypoints.held_credential_views import HeldCredentialView, KnownNames, ProviderName, held_views


class LostGroupView(BaseModel):
    """A required group that the learner does not meet any more."""

    id: str = Field(description="The id that the employer gave the group.", examples=["milling"])
    held: list[HeldCredentialView] = Field(
        description="The credentials that met it while the match was live: what has lapsed is among them. Empty where the "
        "match did not state them, as of a group that the opening asks for only since."
    )


class FormerCandidateView(BaseModel):
    """A match that has ended."""

    learner_id: LearnerId
    provider_id: str | None = Field(
        description="Id of the learner's training provider; null once it is forgotten.", examples=[PROVIDER_EXAMPLE]
    )
    provider_name: ProviderName
    version: MatchVersion
    score: int | None = Field(
        description="The last score before the end, from 0 to 10000; null once it is forgotten.", examples=[2857]
    )
    reason: str = Field(
        description="Why the match ended, the first that applies of `erased`, `consent_withdrawn`, `opening_closed`, "
        "`opening_expired`, `opening_changed`, `learner_unavailable`, `rules_changed`, `credential_lapsed` and `outranked` "
        "(MARKET.md section 10).",
        examples=["learner_unavailable"],
    )
    why: str = Field(
        description="The reason in words, with the gate behind it where one is.",
        examples=["The learner is not available for it any more. The place of work is beyond the learner's reach."],
    )
    gate: str | None = Field(
        description="The gate that fails now (MARKET.md section 6); null where none does, in results from before it was "
        "stated, and once it is forgotten.",
        examples=["out_of_reach"],
    )
    unmet: list[LostGroupView] = Field(
        description="The required groups that are not met any more; empty where all are, in results from before they were "
        "stated, and once they are forgotten."
    )
    day: date = Field(description=f"Calendar date {ZONED} on which the match ended.", examples=["2026-11-22"])
    changed_at: ChangedAt


def former_view(former: FormerCandidate, names: KnownNames) -> FormerCandidateView:
    lost = [
        LostGroupView(id=group, held=held_views(held_for(former.outcomes, former.held or (), group), names.credentials))
        for group in former.unmet
    ]
    return FormerCandidateView(
        learner_id=former.learner_id,
        provider_id=former.provider_id,
        provider_name=names.provider(former.provider_id),
        version=former.version,
        score=former.score,
        reason=former.reason,
        why=in_words(former.reason, former.gate),
        gate=former.gate,
        unmet=lost,
        day=former.day,
        changed_at=former.changed_at,
    )

"""Why a candidate stands before the next one (MARKET.md section 9), in words."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

from openings.entrypoints.held_credential_views import HeldCredentialView
from openings.entrypoints.shortlist_views import CandidateView

#: What each part of a score rewards.
PARTS: Mapping[str, str] = {"preferred": "nice to have", "trainable": "taught on the job", "evidence": "verified evidence"}


def reasons_of_ranks(candidates: Sequence[CandidateView]) -> Mapping[str, str]:
    """Of each candidate but the last, by the learner's id."""
    return {one.learner_id: _ahead(one, other) for one, other in pairwise(candidates)}


def _ahead(one: CandidateView, other: CandidateView) -> str:
    if one.score > other.score:
        return f"Before the next by score, {one.score:,} to {other.score:,}{_parts(one, other)}."
    if one.seeking_since != other.seeking_since:
        return "The same score as the next; has looked for work for longer."
    return "The same score as the next, and as long in search of work: the order of the ids decides."


def _parts(one: CandidateView, other: CandidateView) -> str:
    mine, theirs = one.explanation.components, other.explanation.components
    pairs = [(words, getattr(mine, name) or 0, getattr(theirs, name) or 0) for name, words in PARTS.items()]
    more = [f"{words} {here:,} to {there:,}" for words, here, there in pairs if here > there]
    return f": {', '.join(more)}" if more else ""


def lapses_before(candidate: CandidateView, start: date | None) -> Sequence[HeldCredentialView]:
    """The credentials behind met requirements that do not count any more on the day on which work begins."""
    held = {each.award_id: each for group in candidate.explanation.groups if group.met for each in group.held or ()}
    return [each for each in held.values() if start and each.expires_on and each.expires_on <= start]

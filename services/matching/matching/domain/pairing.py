"""One opening and one learner: how they stand, and what a match of them says (MARKET.md sections 7, 8 and 10)."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b

from matching.domain.gates import first_failing_gate
from matching.domain.groups import AskedGroups, outcome_of
from matching.domain.market import Award, Opening, RequirementGroup
from matching.domain.profile import Profile, Rules
from matching.domain.records import MatchBasis, MatchFacts
from matching.domain.scoring import components_of, score_of


@dataclass(frozen=True, slots=True)
class Qualified:
    """Gates pass and every required group is met; the score orders the shortlist."""

    score: int


@dataclass(frozen=True, slots=True)
class NearMiss:
    """Gates pass and exactly one required group is unmet: `unmet` is its place among the required groups."""

    unmet: int


Standing = Qualified | NearMiss


def meets_required(asked: AskedGroups, profile: Profile) -> bool:
    """Whether every required group is met."""
    return all(group.met_by(profile) for group in asked.required)


def standing_of(opening: Opening, asked: AskedGroups, profile: Profile, rules: Rules) -> Standing | None:
    """How the learner stands with a live opening, None when neither qualified nor a near miss (section 7)."""
    learner = profile.learner
    if not (learner.seeking and learner.consents_to_matching):
        return None
    unmet = None
    for place, group in enumerate(asked.required):
        if not group.met_by(profile):
            if unmet is not None:
                return None
            unmet = place
    if first_failing_gate(opening, learner, rules.places) is not None:
        return None
    if unmet is not None:
        return _near_miss(unmet)
    return Qualified(score_of(components_of(asked, profile), rules.policy))


@cache
def _near_miss(unmet: int) -> NearMiss:
    """Most standings are near misses, and they are few different ones."""
    return NearMiss(unmet)


def match_facts(asked: AskedGroups, profile: Profile, rules: Rules) -> MatchFacts:
    """What a match of a qualified learner says; outcomes are in the opening's order."""
    components = components_of(asked, profile)
    return MatchFacts(
        score=score_of(components, rules.policy),
        components=components,
        outcomes=tuple(outcome_of(group, profile, rules.catalog) for group in asked.all),
        seeking_since=profile.learner.seeking_since,
    )


def match_basis(opening: Opening, profile: Profile) -> MatchBasis:
    """What a match stands on now."""
    return MatchBasis(opening.version, groups_digest(opening.groups), awards_digest(profile.held.awards))


@lru_cache(maxsize=65_536)
def groups_digest(groups: tuple[RequirementGroup, ...]) -> str:
    """Equal for equal requirement groups in the same order, and only for those (32 hex digits)."""
    return _digest(
        (
            group.id,
            group.necessity.value,
            tuple(alternative.subject for alternative in group.any_of),
            group.weight,
            group.verified_only,
        )
        for group in groups
    )


def awards_digest(in_force: Iterable[Award]) -> str:
    """Equal for the same awards in force with the same credentials and evidence, in any order (32 hex digits)."""
    return _digest(sorted((award.award_id, award.credential, award.evidence.value) for award in in_force))


def _digest(parts: Iterable[tuple[object, ...]]) -> str:
    return blake2b(repr(tuple(parts)).encode(), digest_size=16).hexdigest()

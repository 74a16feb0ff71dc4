"""How one learner stands with one opening, and what a match of the two states (MARKET.md sections 7, 8 and 10)."""

from dataclasses import dataclass
from functools import cache

from matching.domain.market.subjects import MarketOpening
from matching.domain.rules.gates import first_failing_gate
from matching.domain.rules.groups import AskedGroups, outcome_of
from matching.domain.rules.matches import AwardBehind, MatchFacts, OutcomeOfGroup
from matching.domain.rules.profile import MatchingProfile, Rules
from matching.domain.rules.scoring import components_of, score_of


@dataclass(frozen=True, slots=True)
class Qualified:
    """Gates pass and every required group is met; the score orders the shortlist."""

    score: int


@dataclass(frozen=True, slots=True)
class NearMiss:
    """Gates pass and exactly one required group is unmet: `unmet` is its place among the required groups."""

    unmet: int


Standing = Qualified | NearMiss


def unmet_required(asked: AskedGroups, profile: MatchingProfile) -> tuple[str, ...]:
    """The ids of the required groups that are not met, in the opening's order."""
    return tuple(group.group.id for group in asked.required if not group.met_by(profile))


def standing_of(opening: MarketOpening, asked: AskedGroups, profile: MatchingProfile, rules: Rules) -> Standing | None:
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
    """One object for each number: most standings are near misses, and there are few different ones."""
    return NearMiss(unmet)


def match_facts(asked: AskedGroups, profile: MatchingProfile, rules: Rules) -> MatchFacts:
    """What a match of a qualified learner states; outcomes are in the opening's order."""
    components = components_of(asked, profile)
    outcomes = tuple(outcome_of(group, profile, rules.catalog) for group in asked.all)
    return MatchFacts(
        score=score_of(components, rules.policy),
        components=components,
        outcomes=outcomes,
        seeking_since=profile.learner.seeking_since,
        awards=_awards_behind(outcomes, profile),
    )


def _awards_behind(outcomes: tuple[OutcomeOfGroup, ...], profile: MatchingProfile) -> tuple[AwardBehind, ...]:
    named = {award_id for outcome in outcomes for award_id in outcome.awards}
    found = [
        AwardBehind(each.award_id, each.credential, each.expires_on) for each in profile.held.awards if each.award_id in named
    ]
    return tuple(sorted(found, key=lambda each: each.award_id))

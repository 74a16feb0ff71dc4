"""Why a learner matches an opening or does not, so that a reader can judge again by hand (MARKET.md sections 5 to 8)."""

from dataclasses import dataclass

from matching.domain.gates import Gate, GateFinding, examine_gates, first_failing_gate
from matching.domain.groups import ask, outcome_of
from matching.domain.market import Learner, Opening
from matching.domain.profile import Rules, profile_of
from matching.domain.records import Components, GroupOutcome
from matching.domain.scoring import components_of, score_of


@dataclass(frozen=True, slots=True)
class Explanation:
    """One pair on one day. `unmet` are the ids of the required groups that are not met; `score` is what a shortlist would
    order by, None unless `qualified`."""

    opening_live: bool
    gates: tuple[GateFinding, ...]
    failing_gate: Gate | None
    groups: tuple[GroupOutcome, ...]
    unmet: tuple[str, ...]
    qualified: bool
    components: Components
    score: int | None


def explain(opening: Opening, learner: Learner, rules: Rules) -> Explanation:
    """Every gate with its values, every group with its outcome, every component, and what they come to."""
    asked, profile = ask(opening.groups), profile_of(learner, rules)
    failing = first_failing_gate(opening, learner, rules.places)
    unmet = tuple(group.group.id for group in asked.required if not group.met_by(profile))
    components = components_of(asked, profile)
    live = opening.live_on(rules.day)
    qualified = live and failing is None and not unmet
    return Explanation(
        opening_live=live,
        gates=examine_gates(opening, learner, rules.places),
        failing_gate=failing,
        groups=tuple(outcome_of(group, profile, rules.catalog) for group in asked.all),
        unmet=unmet,
        qualified=qualified,
        components=components,
        score=score_of(components, rules.policy) if qualified else None,
    )

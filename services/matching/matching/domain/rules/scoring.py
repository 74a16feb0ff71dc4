"""The score of a qualified learner (MARKET.md section 8)."""

from collections.abc import Sequence

from matching.domain.market.policy import Policy
from matching.domain.rules.groups import AskedGroup, AskedGroups
from matching.domain.rules.matches import ScoreParts
from matching.domain.rules.profile import MatchingProfile

FULL = 10_000


def components_of(asked: AskedGroups, profile: MatchingProfile) -> ScoreParts:
    """The components of a learner who meets every required group, each 0..10000, None where undefined."""
    return ScoreParts(
        preferred=_met_share(asked.preferred, profile),
        trainable=_met_share(asked.trainable, profile),
        evidence=_verified_share(asked.required, profile),
    )


def score_of(components: ScoreParts, policy: Policy) -> int:
    """The weighted mean of the defined components, floored; 10000 when none is defined."""
    weighted = (
        (policy.weight_preferred, components.preferred),
        (policy.weight_trainable, components.trainable),
        (policy.weight_evidence, components.evidence),
    )
    defined = [(weight, part) for weight, part in weighted if part is not None]
    if not defined:
        return FULL
    return sum(weight * part for weight, part in defined) // sum(weight for weight, _ in defined)


def _met_share(groups: Sequence[AskedGroup], profile: MatchingProfile) -> int | None:
    if not groups:
        return None
    met = sum(asked.group.weight for asked in groups if asked.met_by(profile))
    return FULL * met // sum(asked.group.weight for asked in groups)


def _verified_share(groups: Sequence[AskedGroup], profile: MatchingProfile) -> int | None:
    if not groups:
        return None
    return FULL * sum(asked.verified_by(profile) for asked in groups) // len(groups)

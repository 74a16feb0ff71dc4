"""What one further credential would unlock for a learner (MARKET.md section 11)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from matching.domain.market.catalog import MarketCatalog
from matching.domain.rules.groups import AskedGroup
from matching.domain.rules.profile import MatchingProfile, Rules


@dataclass(frozen=True, slots=True)
class Unlocked:
    """A credential that a learner lacks, and the positions, at least 1, that it alone would unlock (section 11)."""

    credential: str
    unlocked: int


def unlocked_by(
    profile: MatchingProfile, lacking: Iterable[tuple[AskedGroup, int]], catalog: MarketCatalog
) -> tuple[Unlocked, ...]:
    """What each credential would unlock, by id: `lacking` has the unmet group and the remaining positions of each near miss.

    The credential counts as in force and verified together with what the learner has, so it may complete a composed one.
    """
    near = tuple(lacking)
    unlocked: Counter[str] = Counter()
    for credential in catalog.credentials.keys() - profile.held.credentials if near else ():
        held = catalog.with_credential(profile.held.awarded, credential)
        verified = catalog.with_credential(profile.verified.awarded, credential)
        for asked, remaining in near:
            if not asked.subjects.isdisjoint(verified if asked.group.verified_only else held):
                unlocked[credential] += remaining
    return uncut(unlocked)


def uncut(unlocked: Mapping[str, int]) -> tuple[Unlocked, ...]:
    """Every credential that unlocks a position, by id, however many there are."""
    return tuple(Unlocked(credential, positions) for credential, positions in sorted(unlocked.items()) if positions > 0)


def pathway_of(unlocked: Mapping[str, int], rules: Rules) -> tuple[Unlocked, ...]:
    """The best: unlocked descending, training_weeks ascending (absent last), id ascending, cut at the policy's size."""
    order = rules.catalog.training_order
    ranked = sorted(uncut(unlocked), key=lambda each: (-each.unlocked, order(each.credential)))
    return tuple(ranked[: rules.policy.pathway_size])

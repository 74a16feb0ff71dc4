"""What one further credential would unlock for a learner (MARKET.md section 11)."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from matching.domain.market.catalog import MarketCatalog
from matching.domain.market.subjects import MarketOpening
from matching.domain.rules.groups import AskedGroup
from matching.domain.rules.profile import MatchingProfile, Rules

MOST_NAMED = 3
"""So many of the openings that a credential would unlock are named."""


class Unlocked(Struct, frozen=True, gc=False):
    """A credential that a learner lacks, and the positions, at least 1, that it alone would unlock (section 11).

    `openings` are the ids of those with the most remaining positions, at least one; empty in a list that was published before
    openings were named.
    """

    credential: str
    unlocked: int
    openings: tuple[str, ...] = ()


def unlocked_by(
    profile: MatchingProfile, lacking: Iterable[tuple[AskedGroup, MarketOpening]], catalog: MarketCatalog
) -> tuple[Unlocked, ...]:
    """What each credential would unlock, by id, however many there are: `lacking` has the near misses with the unmet group.

    The credential counts as in force and verified together with what the learner has, so it may complete a composed one.
    """
    near = tuple(lacking)
    opened: dict[str, list[MarketOpening]] = {}
    for credential in catalog.credentials.keys() - profile.held.credentials if near else ():
        held = catalog.with_credential(profile.held.awarded, credential)
        verified = catalog.with_credential(profile.verified.awarded, credential)
        for asked, opening in near:
            if not asked.subjects.isdisjoint(verified if asked.group.verified_only else held):
                opened.setdefault(credential, []).append(opening)
    return tuple(
        Unlocked(credential, sum(each.remaining for each in openings), _named(openings))
        for credential, openings in sorted(opened.items())
    )


def summed(regions: Iterable[Iterable[Unlocked]], openings: Mapping[str, MarketOpening]) -> tuple[Unlocked, ...]:
    """The lists of several regions as one, by credential id; `openings` has those that they name."""
    unlocked: dict[str, list[Unlocked]] = {}
    for each in (each for region in regions for each in region):
        unlocked.setdefault(each.credential, []).append(each)
    return tuple(
        Unlocked(
            credential,
            sum(each.unlocked for each in parts),
            _named(openings[opening_id] for each in parts for opening_id in each.openings),
        )
        for credential, parts in sorted(unlocked.items())
    )


def pathway_of(unlocked: Iterable[Unlocked], rules: Rules) -> tuple[Unlocked, ...]:
    """The best: unlocked descending, training_weeks ascending (absent last), id ascending, cut at the policy's size."""
    order = rules.catalog.training_order
    ranked = sorted(unlocked, key=lambda each: (-each.unlocked, order(each.credential)))
    return tuple(ranked[: rules.policy.pathway_size])


def _named(openings: Iterable[MarketOpening]) -> tuple[str, ...]:
    ranked = sorted(openings, key=lambda each: (-each.remaining, each.opening_id))
    return tuple(each.opening_id for each in ranked[:MOST_NAMED])

"""Requirement groups against holdings (MARKET.md section 5)."""

from dataclasses import dataclass
from functools import lru_cache

from contracts.vocabulary import Evidence, Necessity
from matching.domain.market.catalog import MarketCatalog
from matching.domain.market.subjects import RequirementGroup
from matching.domain.rules.digests import groups_digest
from matching.domain.rules.matches import OutcomeOfGroup
from matching.domain.rules.profile import Holdings, MatchingProfile


@dataclass(frozen=True, slots=True)
class AskedGroup:
    """A group with the subjects of its alternatives at hand, because they are compared with every learner."""

    group: RequirementGroup
    subjects: frozenset[str]

    def met_by(self, profile: MatchingProfile) -> bool:
        """Any alternative is held, or verified when the group accepts nothing less."""
        holdings = profile.verified if self.group.verified_only else profile.held
        return not self.subjects.isdisjoint(holdings.subjects)

    def verified_by(self, profile: MatchingProfile) -> bool:
        """Any alternative is verified, so that the group is met with verified evidence."""
        return not self.subjects.isdisjoint(profile.verified.subjects)


@dataclass(frozen=True, slots=True)
class AskedGroups:
    """The groups of one opening: all in its order, and by necessity; `digest` identifies them."""

    all: tuple[AskedGroup, ...]
    required: tuple[AskedGroup, ...]
    trainable: tuple[AskedGroup, ...]
    preferred: tuple[AskedGroup, ...]
    digest: str


@lru_cache(maxsize=8192)
def ask(groups: tuple[RequirementGroup, ...]) -> AskedGroups:
    """Prepare the groups of an opening for comparison; openings share few distinct ones."""
    asked = tuple(AskedGroup(group, group.subjects) for group in groups)
    return AskedGroups(
        asked,
        required=_of(asked, Necessity.REQUIRED),
        trainable=_of(asked, Necessity.TRAINABLE),
        preferred=_of(asked, Necessity.PREFERRED),
        digest=groups_digest(groups),
    )


def _of(asked: tuple[AskedGroup, ...], necessity: Necessity) -> tuple[AskedGroup, ...]:
    return tuple(item for item in asked if item.group.necessity == necessity)


def outcome_of(asked: AskedGroup, profile: MatchingProfile, catalog: MarketCatalog) -> OutcomeOfGroup:
    """Whether the group is met, on what evidence, and by which awards (section 5)."""
    if not asked.met_by(profile):
        return OutcomeOfGroup(asked.group.id, met=False, evidence=None, awards=())
    verified = asked.verified_by(profile)
    evidence = Evidence.VERIFIED if verified else Evidence.ATTESTED
    awards = _supporting_awards(asked, profile.verified if verified else profile.held, catalog)
    return OutcomeOfGroup(asked.group.id, met=True, evidence=evidence, awards=awards)


def _supporting_awards(asked: AskedGroup, holdings: Holdings, catalog: MarketCatalog) -> tuple[str, ...]:
    sources = catalog.sources(asked.subjects, holdings.awarded)
    return tuple(sorted(award.award_id for award in holdings.awards if award.credential in sources))

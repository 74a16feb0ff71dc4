"""What a learner brings on a day: holdings and the subjects they make held (MARKET.md sections 5 and 12)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from msgspec import Struct

from contracts.vocabulary import Evidence
from matching.domain.market.catalog import MarketCatalog
from matching.domain.market.policy import Policy
from matching.domain.market.subjects import MarketAward, MarketLearner, credentials_of
from reference.places import Places

_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Rules:
    """What every evaluation is a function of, besides the openings, learners and cohorts."""

    catalog: MarketCatalog
    policy: Policy
    places: Places
    day: date

    @property
    def pipeline_end(self) -> date:
        """The last day of the pipeline's horizon (section 12), at most the last day that there is."""
        return self.day + timedelta(days=min(self.policy.pipeline_days, (date.max - self.day).days))


class Holdings(Struct, frozen=True):
    """Awards in force, their credentials, all credentials that follow from these, and the subjects that those make held."""

    awards: tuple[MarketAward, ...]
    awarded: frozenset[str]
    credentials: frozenset[str]
    subjects: frozenset[str]


class MatchingProfile(Struct, frozen=True):
    """A learner with all holdings, the verified ones, and the subjects that training in progress would add.

    `supply` and `in_training` are empty for a learner who does not seek or consent, and who is not counted (section 12).
    """

    learner: MarketLearner
    home_region: str
    held: Holdings
    verified: Holdings
    supply: frozenset[str]
    in_training: frozenset[str]


def holdings_of(awards: Iterable[MarketAward], catalog: MarketCatalog) -> Holdings:
    """What `awards` in force amount to under `catalog` (section 5)."""
    kept = tuple(awards)
    awarded = credentials_of(kept)
    credentials = catalog.holdings(awarded)
    return Holdings(kept, awarded, credentials, catalog.subjects(credentials))


def profile_of(learner: MarketLearner, rules: Rules) -> MatchingProfile:
    """The profile of `learner` under `rules`; raises `UnknownZip`."""
    in_force = learner.awards_in_force(rules.day)
    held = holdings_of(in_force, rules.catalog)
    verified = holdings_of((a for a in in_force if a.evidence == Evidence.VERIFIED), rules.catalog)
    counts = learner.participates
    return MatchingProfile(
        learner=learner,
        home_region=rules.places.point(learner.zip).region,
        held=held,
        verified=verified,
        supply=held.subjects if counts else _NOTHING,
        in_training=_gained_by_training(learner, held, rules) if counts else _NOTHING,
    )


def _gained_by_training(learner: MarketLearner, held: Holdings, rules: Rules) -> frozenset[str]:
    expected = tuple(award for award in learner.awards if award.expected_by(rules.pipeline_end))
    if not expected:
        return _NOTHING
    catalog = rules.catalog
    return catalog.subjects(catalog.holdings(credentials_of(held.awards + expected))) - held.subjects

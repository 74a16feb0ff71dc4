"""Why a learner matches an opening or does not, with all that is needed to judge again by hand (MARKET.md sections 3 to 9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from contracts.vocabulary import AwardStatus
from matching.domain.explanation.cheapest_change import Barrier, CheapestChange, barriers_of, cheapest_change, reopening
from matching.domain.market.catalog import MarketCatalog
from matching.domain.market.policy import Policy
from matching.domain.market.subjects import (
    Alternative,
    MarketAward,
    MarketLearner,
    MarketOpening,
    RequirementGroup,
    credentials_of,
)
from matching.domain.rules.gates import GateFinding, GateResult, examine_gates
from matching.domain.rules.groups import AskedGroup, AskedGroups, ask, outcome_of
from matching.domain.rules.matches import OutcomeOfGroup, RankedMatch
from matching.domain.rules.profile import Holdings, MatchingProfile, Rules, profile_of
from matching.domain.rules.scoring import FULL
from matching.domain.rules.shortlist import shortlist_size


@dataclass(frozen=True, slots=True)
class AwardFinding:
    """An award with why it is not in force: `not_issued` (date unknown), `not_issued_yet`, `expired`, or its status.

    `defined` is False while the catalog lacks the credential: it is then held by nobody, in force or not.
    """

    award: MarketAward
    in_force: bool
    why_not: str | None
    defined: bool


@dataclass(frozen=True, slots=True)
class HoldingFinding:
    """A credential that the awards in force amount to, and the ids of those that support it (section 5).

    `verified_awards` support it among the verified awards alone; empty when it is no verified holding.
    """

    credential: str
    awards: tuple[str, ...]
    verified_awards: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AlternativeFinding:
    """One form of a group, and the holdings that make it held."""

    alternative: Alternative
    held: bool
    verified: bool
    through: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GroupFinding:
    """One group as it is asked for, each of its forms, and what they come to."""

    group: RequirementGroup
    alternatives: tuple[AlternativeFinding, ...]
    outcome: OutcomeOfGroup


@dataclass(frozen=True, slots=True)
class ComponentFinding:
    """10000 * numerator // denominator; undefined (None) when the denominator is 0. `weight` is the policy's."""

    name: str
    weight: int
    numerator: int
    denominator: int

    @property
    def value(self) -> int | None:
        """0..10000."""
        return FULL * self.numerator // self.denominator if self.denominator else None


@dataclass(frozen=True, slots=True)
class ScoreFinding:
    """`value` is numerator // denominator: sum(weight * component) over sum(weight) of the defined ones; 10000 without any."""

    numerator: int
    denominator: int

    @property
    def value(self) -> int:
        """0..10000."""
        return self.numerator // self.denominator if self.denominator else FULL


@dataclass(frozen=True, slots=True)
class Explanation:
    """One pair on one day.

    `barriers` say why the opening is not live: `not_open`, `none_remaining`, `expired`. `reason` is None for a qualified
    pair, else `opening_not_live`, the first failing gate, or `unmet_groups`; `unmet` are the ids of those groups. `score`
    is what a shortlist orders by, None unless qualified. `change` is what would make the pair qualified, None when it is.
    """

    opening: MarketOpening
    learner: MarketLearner
    day: date
    policy: Policy
    barriers: tuple[Barrier, ...]
    gates: tuple[GateFinding, ...]
    groups: tuple[GroupFinding, ...]
    awards: tuple[AwardFinding, ...]
    holdings: tuple[HoldingFinding, ...]
    unmet: tuple[str, ...]
    components: tuple[ComponentFinding, ...]
    reason: str | None
    score: ScoreFinding | None
    change: CheapestChange | None

    @property
    def qualified(self) -> bool:
        """The opening is live, the gates pass and every required group is met (section 7)."""
        return self.reason is None


@dataclass(frozen=True, slots=True)
class ShortlistPlace:
    """Where a pair stands on the shortlist now: `rank` of `listed`, cut at `size`; no rank when it is not on it.

    `outranked`: qualified, and the shortlist is full of others, of whom `last` is the last.
    """

    rank: int | None
    listed: int
    size: int
    outranked: bool
    last: RankedMatch | None


def explain(opening: MarketOpening, learner: MarketLearner, rules: Rules) -> Explanation:
    """Every gate, group, award, holding and component of a pair; raises `UnknownZip`."""
    asked, profile = ask(opening.groups), profile_of(learner, rules)
    gates, barriers = examine_gates(opening, learner, rules.places), barriers_of(opening, rules.day)
    unmet = [group for group in asked.required if not group.met_by(profile)]
    reason = _reason(barriers, gates, unmet)
    components = _components(asked, profile, rules.policy)
    change = reopening(opening, barriers, rules.day) if barriers else None
    if change is None and reason is not None:
        change = cheapest_change(opening, gates, unmet, profile, rules.catalog)
    return Explanation(
        opening=opening,
        learner=learner,
        day=rules.day,
        policy=rules.policy,
        barriers=barriers,
        gates=gates,
        groups=tuple(_group(group, profile, rules.catalog) for group in asked.all),
        awards=tuple(_award(award, rules) for award in learner.awards),
        holdings=_holdings(profile, rules.catalog),
        unmet=tuple(group.group.id for group in unmet),
        components=components,
        reason=reason,
        score=_score(components) if reason is None else None,
        change=change,
    )


def place_on(shortlist: Sequence[RankedMatch], explained: Explanation) -> ShortlistPlace:
    """Where the pair stands among the live matches of its opening, in any order."""
    ranks = {match.learner_id: match.rank for match in shortlist}
    rank, size = ranks.get(explained.learner.learner_id), shortlist_size(explained.opening, explained.policy)
    outranked = explained.qualified and rank is None and len(shortlist) >= size
    last = max(shortlist, key=lambda match: match.rank) if shortlist else None
    return ShortlistPlace(rank, len(shortlist), size, outranked, last)


def _reason(barriers: Sequence[Barrier], gates: Sequence[GateFinding], unmet: Sequence[AskedGroup]) -> str | None:
    if barriers:
        return "opening_not_live"
    failing = next((found.gate.value for found in gates if found.verdict == GateResult.FAILED), None)
    return failing or ("unmet_groups" if unmet else None)


def _group(asked: AskedGroup, profile: MatchingProfile, catalog: MarketCatalog) -> GroupFinding:
    alternatives = tuple(_alternative(form, profile, catalog) for form in asked.group.any_of)
    return GroupFinding(asked.group, alternatives, outcome_of(asked, profile, catalog))


def _alternative(form: Alternative, profile: MatchingProfile, catalog: MarketCatalog) -> AlternativeFinding:
    through = catalog.conferrers(form.subject) & profile.held.credentials
    verified = form.subject in profile.verified.subjects
    return AlternativeFinding(form, form.subject in profile.held.subjects, verified, tuple(sorted(through)))


def _award(award: MarketAward, rules: Rules) -> AwardFinding:
    in_force = award.in_force_on(rules.day)
    return AwardFinding(
        award, in_force, None if in_force else _why_not(award, rules.day), award.credential in rules.catalog.credentials
    )


def _why_not(award: MarketAward, day: date) -> str:
    if award.status != AwardStatus.ACTIVE:
        return award.status.value
    if award.issued_on is None:
        return "not_issued"
    return "not_issued_yet" if award.issued_on > day else "expired"


def _holdings(profile: MatchingProfile, catalog: MarketCatalog) -> tuple[HoldingFinding, ...]:
    support, verified = _support(profile.held, catalog), _support(profile.verified, catalog)
    return tuple(HoldingFinding(each, support[each], verified.get(each, ())) for each in sorted(support))


def _support(holdings: Holdings, catalog: MarketCatalog) -> dict[str, tuple[str, ...]]:
    """Each holding with the ids of the awards that support it."""
    return {
        holding: tuple(sorted(award.award_id for award in holdings.awards if award.credential in sources))
        for holding, sources in catalog.supports(credentials_of(holdings.awards)).items()
    }


def _components(asked: AskedGroups, profile: MatchingProfile, policy: Policy) -> tuple[ComponentFinding, ...]:
    verified = sum(group.verified_by(profile) for group in asked.required)
    return (
        ComponentFinding("preferred", policy.weight_preferred, *_weights(asked.preferred, profile)),
        ComponentFinding("trainable", policy.weight_trainable, *_weights(asked.trainable, profile)),
        ComponentFinding("evidence", policy.weight_evidence, verified, len(asked.required)),
    )


def _weights(groups: Sequence[AskedGroup], profile: MatchingProfile) -> tuple[int, int]:
    """The weights of the met groups, and of all."""
    return sum(each.group.weight for each in groups if each.met_by(profile)), sum(each.group.weight for each in groups)


def _score(components: Sequence[ComponentFinding]) -> ScoreFinding:
    defined = [(each.weight, each.value) for each in components if each.value is not None]
    return ScoreFinding(sum(weight * value for weight, value in defined), sum(weight for weight, _ in defined))

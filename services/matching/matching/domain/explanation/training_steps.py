"""The steps that meet unmet groups with the least training (compare MARKET.md section 11).

A credential counts as held as well, in force and verified, closed with what is held. Verifying an award in force takes no
training.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from heapq import heappop, heappush
from itertools import count

from contracts.vocabulary import Evidence
from matching.domain.market.catalog import MarketCatalog
from matching.domain.rules.groups import AskedGroup
from matching.domain.rules.profile import MatchingProfile

MOST_WAYS = 100
"""Only this many of the cheapest ways to one credential are looked at. No catalog made by people has so many."""
MOST_LOOKS = 50_000
"""At most this many partial plans are looked at, which takes a second."""


class StepKind(StrEnum):
    """`verify` an attested award in force, or `earn` a credential; in the order of preference."""

    VERIFY = "verify"
    EARN = "earn"


@dataclass(frozen=True, slots=True)
class TrainingStep:
    """One change of what a learner holds. `award_id` when verifying; `weeks` is None when unknown, 0 when verifying."""

    kind: StepKind
    credential: str
    weeks: int | None
    award_id: str | None = None


class NoTrainingPath(Exception):
    """No credential of the catalog leads to what is missing."""


class TooManyPaths(Exception):
    """There are too many ways to find the cheapest."""


Way = frozenset[TrainingStep]
"""Steps that together are enough. Of the ways to one credential or group none contains another."""
Ways = frozenset[Way]
_NO_STEPS: Ways = frozenset({frozenset()})


def least_training(unmet: Sequence[AskedGroup], profile: MatchingProfile, catalog: MarketCatalog) -> tuple[TrainingStep, ...]:
    """The cheapest steps after which every group is met: least training, an unknown length being more than any known one; then
    fewest steps, verifying before earning, and ids. Raises NoTrainingPath and TooManyPaths."""
    held = _Route(catalog, profile.held.credentials, _to_earn(profile, catalog))
    verified = _Route(catalog, profile.verified.credentials, _to_earn(profile, catalog) | _to_verify(profile, catalog))
    ways = [(verified if group.group.verified_only else held).to_any(group.subjects) for group in unmet]
    if not all(ways):
        raise NoTrainingPath
    return tuple(sorted(_cheapest(_without_detours(ways)), key=_step_order))


def _to_earn(profile: MatchingProfile, catalog: MarketCatalog) -> dict[str, TrainingStep]:
    lacking = catalog.credentials.keys() - profile.held.credentials
    return {each: TrainingStep(StepKind.EARN, each, catalog.credentials[each].training_weeks) for each in lacking}


def _to_verify(profile: MatchingProfile, catalog: MarketCatalog) -> dict[str, TrainingStep]:
    """Of several awards of one credential the first by id."""
    attested = [award for award in profile.held.awards if award.evidence == Evidence.ATTESTED]
    attested.sort(key=lambda award: award.award_id, reverse=True)
    known = catalog.credentials.keys()
    return {
        each.credential: TrainingStep(StepKind.VERIFY, each.credential, 0, each.award_id)
        for each in attested
        if each.credential in known
    }


class _Route:
    """Finds the ways to a credential from those `held`; `steps` has the step that leads to each credential directly."""

    def __init__(self, catalog: MarketCatalog, held: frozenset[str], steps: Mapping[str, TrainingStep]) -> None:
        self._catalog, self._held, self._steps = catalog, held, steps

    def to_any(self, subjects: frozenset[str]) -> Ways:
        """The ways to any of the subjects."""
        wanted = {credential for subject in subjects for credential in self._catalog.conferrers(subject)}
        ways = self._ways(_leading_to(wanted, self._catalog))
        return _least(way for credential in wanted for way in ways[credential])

    def _ways(self, credentials: Iterable[str]) -> Mapping[str, Ways]:
        """The ways to each credential, grown from single steps until none is added. Cycles, such as of a certificate and its
        modules, end by themselves: a way around one contains a shorter way."""
        ways = {each: self._directly(each) for each in sorted(credentials)}
        changed = True
        while changed:
            changed = False
            for credential in ways:
                found = _least([*ways[credential], *self._by_others(credential, ways)])
                if found != ways[credential]:
                    ways[credential], changed = found, True
        return ways

    def _directly(self, credential: str) -> Ways:
        if credential in self._held:
            return _NO_STEPS
        return frozenset({frozenset({self._steps[credential]})}) if credential in self._steps else frozenset()

    def _by_others(self, credential: str, ways: Mapping[str, Ways]) -> Iterator[Way]:
        for other in ways:
            if credential in self._catalog.credentials[other].implies:
                yield from ways[other]
        parts = self._catalog.credentials[credential].composed_of
        if parts:
            yield from _together([ways.get(part, frozenset()) for part in parts])


def _leading_to(credentials: set[str], catalog: MarketCatalog) -> set[str]:
    """Every credential from which one of these can follow, alone or with others."""
    found = set(credentials)
    while gained := _one_step_before(found, catalog) - found:
        found |= gained
    return found


def _one_step_before(found: set[str], catalog: MarketCatalog) -> set[str]:
    implying = {each.id for each in catalog.credentials.values() if not found.isdisjoint(each.implies)}
    parts = {part for credential in found for part in catalog.credentials[credential].composed_of}
    return implying | {part for part in parts if part in catalog.credentials}


def _together(parts: Sequence[Ways]) -> Ways:
    """The ways to all of them."""
    ways = _NO_STEPS
    for part in parts:
        ways = _least(one | other for one in ways for other in part)
    return ways


def _least(ways: Iterable[Way]) -> Ways:
    """The cheapest of the ways, without any that contains another; at most MOST_WAYS."""
    kept: list[Way] = []
    for way in sorted(set(ways), key=_way_order):
        if len(kept) < MOST_WAYS and not any(each <= way for each in kept):
            kept.append(way)
    return frozenset(kept)


def _without_detours(ways: Sequence[Ways]) -> list[Ways]:
    """The ways to each group. Of those that help no other group only the cheapest is kept."""
    helping: dict[TrainingStep, int] = {}
    for each in ways:
        for step in frozenset().union(*each):
            helping[step] = helping.get(step, 0) + 1
    least: list[Ways] = []
    for each in ways:
        alone = [way for way in each if all(helping[step] == 1 for step in way)]
        least.append((each - frozenset(alone)) | frozenset(sorted(alone, key=_way_order)[:1]))
    return least


def _cheapest(groups: Sequence[Ways]) -> Way:
    """Looks at the cheapest plan first, so that the first one that meets every group is the cheapest. Raises TooManyPaths."""
    ordered, turn = sorted(groups, key=len), count()
    plans = [(_way_order(frozenset()), next(turn), frozenset[TrainingStep]())]
    seen = {plans[0][2]}
    for _ in range(MOST_LOOKS):
        _, _, plan = heappop(plans)
        open_group = next((each for each in ordered if not any(way <= plan for way in each)), None)
        if open_group is None:
            return plan
        for way in open_group:
            if (more := plan | way) not in seen:
                seen.add(more)
                heappush(plans, (_way_order(more), next(turn), more))
    raise TooManyPaths


def _way_order(way: Way) -> tuple[int, int, int, list[tuple[bool, str]]]:
    unknown = sum(step.weeks is None for step in way)
    weeks = sum(step.weeks or 0 for step in way)
    return (unknown, weeks, len(way), sorted(_named(step) for step in way))


def _named(step: TrainingStep) -> tuple[bool, str]:
    return step.kind == StepKind.EARN, step.award_id or step.credential


def _step_order(step: TrainingStep) -> tuple[bool, int, tuple[bool, str]]:
    return step.weeks is None, step.weeks or 0, _named(step)

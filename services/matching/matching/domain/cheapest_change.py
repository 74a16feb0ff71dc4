"""What would make a learner qualified for an opening, at the least cost.

A credential counts as in MARKET.md section 11: held as well, in force and verified, closed with what is held. Verifying
an award in force takes no training; a gate passes with a value of the learner's own record.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from matching.domain.catalog import Catalog
from matching.domain.gates import Gate, GateFinding, GateValue, Verdict
from matching.domain.groups import AskedGroup
from matching.domain.market import Evidence, Opening, credentials_of
from matching.domain.profile import Profile

MOST_REACH_KM = 300
"""No learner's reach is longer (MARKET.md section 4)."""
MOST_STEPS = 2


class Comparison(StrEnum):
    """How a field of the learner must stand to the value of a gate change."""

    EQUALS = "equals"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    ANY_OF = "any_of"


@dataclass(frozen=True, slots=True)
class GateChange:
    """The learner's field that a failing gate looks at, and the value that would pass.

    `possible` is False for a reach that nobody can have; the value then still says how far it is.
    """

    gate: Gate
    field: str
    comparison: Comparison
    value: GateValue
    possible: bool = True


class StepKind(StrEnum):
    """`verify` an attested award in force, or `earn` a credential; in the order of preference."""

    VERIFY = "verify"
    EARN = "earn"


@dataclass(frozen=True, slots=True)
class Step:
    """One change of what a learner holds. `award_id` when verifying; `weeks` is None when unknown, 0 when verifying."""

    kind: StepKind
    credential: str
    weeks: int | None
    award_id: str | None = None


class Beyond(StrEnum):
    """Why no steps are named: it takes more than two, or nothing that the catalog knows would do."""

    MORE_THAN_TWO = "more_than_two"
    NOTHING_KNOWN = "nothing_known"


@dataclass(frozen=True, slots=True)
class CheapestChange:
    """All of it together makes the pair qualified, unless a gate change is impossible, or `beyond` says otherwise.

    `steps` are at most two, and none when every required group is met already.
    """

    gates: tuple[GateChange, ...]
    steps: tuple[Step, ...]
    beyond: Beyond | None = None


def cheapest_change(
    opening: Opening, findings: Sequence[GateFinding], unmet: Sequence[AskedGroup], profile: Profile, catalog: Catalog
) -> CheapestChange:
    """The gates that stand in the way, and the least steps that meet the `unmet` required groups.

    Fewer steps come first, then known training before unknown, fewer weeks of training in all, verifying before earning,
    and ids.
    """
    gates = tuple(_gate_change(found, opening) for found in findings if found.verdict == Verdict.FAILED)
    if not unmet:
        return CheapestChange(gates, ())
    search = _Search(unmet, profile, catalog)
    steps = search.least()
    if steps is None:
        return CheapestChange(gates, (), Beyond.MORE_THAN_TWO if search.meets(search.steps) else Beyond.NOTHING_KNOWN)
    return CheapestChange(gates, steps)


def _gate_change(found: GateFinding, opening: Opening) -> GateChange:
    values, gate = found.values, found.gate
    if gate == Gate.NOT_SEEKING:
        return GateChange(gate, "seeking", Comparison.EQUALS, True)
    if gate == Gate.NO_CONSENT:
        return GateChange(gate, "consents_to_matching", Comparison.EQUALS, True)
    if gate == Gate.UNAVAILABLE:
        return GateChange(gate, "available_from", Comparison.AT_MOST, values["start_by"])
    if gate == Gate.SHIFT_CONFLICT:
        return GateChange(gate, "shifts", Comparison.ANY_OF, values["opening_shifts"])
    if gate == Gate.PAY_CONFLICT:
        return GateChange(gate, "wage_floor", Comparison.AT_MOST, values["wage_max"])
    if opening.zip is None:
        return GateChange(gate, "remote_ok", Comparison.EQUALS, True)
    distance_m = values["distance_m"]
    assert isinstance(distance_m, int)
    needed_km = -(-distance_m // 1000)
    return GateChange(gate, "reach_km", Comparison.AT_LEAST, needed_km, possible=needed_km <= MOST_REACH_KM)


class _Search:
    """`steps` are all that can matter: those whose credential leads, by implies or composed_of, to an unmet group."""

    def __init__(self, unmet: Sequence[AskedGroup], profile: Profile, catalog: Catalog) -> None:
        self._unmet, self._profile, self._catalog = unmet, profile, catalog
        relevant = _leading_to(frozenset().union(*(group.subjects for group in unmet)), catalog)
        self.steps = tuple(sorted(self._possible(relevant), key=lambda step: _cost((step,))))

    def least(self) -> tuple[Step, ...] | None:
        """The cheapest set of up to two steps; None when there is none."""
        for size in range(1, MOST_STEPS + 1):
            enough = [steps for steps in combinations(self.steps, size) if self.meets(steps)]
            if enough:
                return min(enough, key=_cost)
        return None

    def meets(self, steps: Sequence[Step]) -> bool:
        """Whether the unmet groups are met after these steps."""
        gained = frozenset(step.credential for step in steps)
        held = self._subjects(credentials_of(self._profile.held.awards) | gained)
        verified = self._subjects(credentials_of(self._profile.verified.awards) | gained)
        return all(not group.subjects.isdisjoint(verified if group.group.verified_only else held) for group in self._unmet)

    def _subjects(self, credentials: frozenset[str]) -> frozenset[str]:
        return self._catalog.subjects(self._catalog.holdings(credentials))

    def _possible(self, relevant: frozenset[str]) -> Iterator[Step]:
        held = self._profile.held
        for award in held.awards:
            if award.evidence == Evidence.ATTESTED and award.credential in relevant:
                yield Step(StepKind.VERIFY, award.credential, 0, award.award_id)
        for credential in relevant - held.credentials:
            yield Step(StepKind.EARN, credential, self._catalog.credentials[credential].training_weeks)


def _cost(steps: Sequence[Step]) -> tuple[object, ...]:
    unknown = sum(step.weeks is None for step in steps)
    weeks = sum(step.weeks or 0 for step in steps)
    named = sorted((step.kind == StepKind.EARN, step.award_id or step.credential) for step in steps)
    return (len(steps), unknown, weeks, named)


def _leading_to(subjects: frozenset[str], catalog: Catalog) -> frozenset[str]:
    """Every credential from which one that confers a subject can follow, alone or with others."""
    found = {credential for subject in subjects for credential in catalog.conferrers(subject)}
    while gained := _one_step_before(found, catalog) - found:
        found |= gained
    return frozenset(found)


def _one_step_before(found: set[str], catalog: Catalog) -> set[str]:
    implying = {each.id for each in catalog.credentials.values() if not found.isdisjoint(each.implies)}
    parts = {part for credential in found for part in catalog.credentials[credential].composed_of}
    return implying | {part for part in parts if part in catalog.credentials}

"""What would make a learner qualified for an opening, at the least cost: least training, then fewest steps.

A gate change names the value of the learner's record that would pass, even one that is hard to reach. While the opening is
not live, no change of the learner would help, and the changes named are the opening's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import assert_never

from contracts.vocabulary import OpeningStatus
from matching.domain.explanation.training_steps import NoTrainingPath, TooManyPaths, TrainingStep, least_training
from matching.domain.market.catalog import MarketCatalog
from matching.domain.market.subjects import MarketOpening
from matching.domain.rules.gates import Gate, GateFinding, GateResult, GateValue
from matching.domain.rules.groups import AskedGroup
from matching.domain.rules.profile import MatchingProfile

MOST_REACH_KM = 300
"""No learner's reach is longer (MARKET.md section 4)."""


class Comparison(StrEnum):
    """How a field must compare with the value of a change."""

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


class Barrier(StrEnum):
    """What keeps an opening from being live (MARKET.md section 3)."""

    NOT_OPEN = "not_open"
    NONE_REMAINING = "none_remaining"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class OpeningChange:
    """The opening's field that keeps it from being live, and the value with which it would not."""

    barrier: Barrier
    field: str
    comparison: Comparison
    value: str | int


class Beyond(StrEnum):
    """Why no steps are named: no change of the learner would help while the opening is not live, no credential of the catalog
    leads to what is missing, or there are too many ways to find the cheapest."""

    OPENING_NOT_LIVE = "opening_not_live"
    NOTHING_KNOWN = "nothing_known"
    TOO_MANY_WAYS = "too_many_ways"


@dataclass(frozen=True, slots=True)
class CheapestChange:
    """All of it together makes the pair qualified, unless a gate change is impossible, or `beyond` says otherwise.

    There are no `steps` when every required group is met already. For an opening that is not live there is only `opening`:
    what would make it live again.
    """

    gates: tuple[GateChange, ...]
    steps: tuple[TrainingStep, ...]
    beyond: Beyond | None = None
    opening: tuple[OpeningChange, ...] = ()


def barriers_of(opening: MarketOpening, day: date) -> tuple[Barrier, ...]:
    """Everything that keeps the opening from being live on `day`."""
    standing = {
        Barrier.NOT_OPEN: opening.status != OpeningStatus.OPEN,
        Barrier.NONE_REMAINING: opening.remaining <= 0,
        Barrier.EXPIRED: opening.expired_on(day),
    }
    return tuple(barrier for barrier, stands in standing.items() if stands)


def reopening(opening: MarketOpening, barriers: Sequence[Barrier], day: date) -> CheapestChange:
    """What would make the opening live on `day`, without any change of the learner."""
    needed = {
        Barrier.NOT_OPEN: OpeningChange(Barrier.NOT_OPEN, "status", Comparison.EQUALS, OpeningStatus.OPEN.value),
        Barrier.NONE_REMAINING: OpeningChange(Barrier.NONE_REMAINING, "positions", Comparison.AT_LEAST, opening.filled + 1),
        Barrier.EXPIRED: OpeningChange(Barrier.EXPIRED, "closes_on", Comparison.AT_LEAST, day.isoformat()),
    }
    return CheapestChange((), (), Beyond.OPENING_NOT_LIVE, tuple(needed[each] for each in barriers))


def cheapest_change(
    opening: MarketOpening,
    findings: Sequence[GateFinding],
    unmet: Sequence[AskedGroup],
    profile: MatchingProfile,
    catalog: MarketCatalog,
) -> CheapestChange:
    """The gates of a live opening that stand in the way, and the steps that meet the `unmet` required groups."""
    gates = tuple(_gate_change(found, opening) for found in findings if found.verdict == GateResult.FAILED)
    try:
        return CheapestChange(gates, least_training(unmet, profile, catalog))
    except NoTrainingPath:
        return CheapestChange(gates, (), Beyond.NOTHING_KNOWN)
    except TooManyPaths:
        return CheapestChange(gates, (), Beyond.TOO_MANY_WAYS)


def _gate_change(found: GateFinding, opening: MarketOpening) -> GateChange:
    values, gate = found.values, found.gate
    if gate is Gate.NOT_SEEKING:
        return GateChange(gate, "seeking", Comparison.EQUALS, True)
    if gate is Gate.NO_CONSENT:
        return GateChange(gate, "consents_to_matching", Comparison.EQUALS, True)
    if gate is Gate.UNAVAILABLE:
        return GateChange(gate, "available_from", Comparison.AT_MOST, values["start_by"])
    if gate is Gate.SHIFT_CONFLICT:
        return GateChange(gate, "shifts", Comparison.ANY_OF, values["opening_shifts"])
    if gate is Gate.PAY_CONFLICT:
        return GateChange(gate, "wage_floor", Comparison.AT_MOST, values["wage_max"])
    if gate is Gate.OUT_OF_REACH:
        return _reach_change(values, opening)
    assert_never(gate)


def _reach_change(values: Mapping[str, GateValue], opening: MarketOpening) -> GateChange:
    if opening.zip is None:
        return GateChange(Gate.OUT_OF_REACH, "remote_ok", Comparison.EQUALS, True)
    distance_m = values["distance_m"]
    assert isinstance(distance_m, int)
    needed_km = -(-distance_m // 1000)
    return GateChange(Gate.OUT_OF_REACH, "reach_km", Comparison.AT_LEAST, needed_km, possible=needed_km <= MOST_REACH_KM)

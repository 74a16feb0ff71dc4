"""The gates between an opening and a learner (MARKET.md section 6)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from matching.domain.market.subjects import MarketLearner, MarketOpening
from reference.places import Places

GateValue = str | int | bool | tuple[str, ...] | None


class Gate(StrEnum):
    """What can keep a pair apart before any requirement is looked at, in the order of the section."""

    NOT_SEEKING = "not_seeking"
    NO_CONSENT = "no_consent"
    OUT_OF_REACH = "out_of_reach"
    UNAVAILABLE = "unavailable"
    SHIFT_CONFLICT = "shift_conflict"
    PAY_CONFLICT = "pay_conflict"


class GateResult(StrEnum):
    """How a gate stands; `unknown` passes, and an explanation says so."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class GateFinding:
    """One gate with the values it compared, for an explanation: distances in metres, wages in cents an hour."""

    gate: Gate
    verdict: GateResult
    values: Mapping[str, GateValue]


def first_failing_gate(opening: MarketOpening, learner: MarketLearner, places: Places) -> Gate | None:
    """The first gate that fails, None when all pass (section 6)."""
    for gate, fails in _FAILS:
        if fails(opening, learner, places):
            return gate
    return None


def failing_gates(opening: MarketOpening, learner: MarketLearner, places: Places) -> tuple[Gate, ...]:
    """Every gate that fails, in the order of the section."""
    return tuple(gate for gate, fails in _FAILS if fails(opening, learner, places))


def unknown_gates(opening: MarketOpening, learner: MarketLearner) -> tuple[Gate, ...]:
    """The gates that cannot be judged because a value is unknown; empty shifts mean any and are known."""
    return tuple(gate for gate, known in _KNOWN.items() if not known(opening, learner))


def examine_gates(opening: MarketOpening, learner: MarketLearner, places: Places) -> tuple[GateFinding, ...]:
    """Every gate in order with its verdict and values, so that a reader can judge again by hand."""
    unknown = unknown_gates(opening, learner)
    values = _values(opening, learner, places)
    return tuple(
        GateFinding(gate, _verdict(gate in unknown, fails(opening, learner, places)), values[gate]) for gate, fails in _FAILS
    )


def _verdict(unknown: bool, failed: bool) -> GateResult:
    if unknown:
        return GateResult.UNKNOWN
    return GateResult.FAILED if failed else GateResult.PASSED


def _not_seeking(opening: MarketOpening, learner: MarketLearner, places: Places) -> bool:
    return not learner.seeking


def _no_consent(opening: MarketOpening, learner: MarketLearner, places: Places) -> bool:
    return not learner.consents_to_matching


def _out_of_reach(opening: MarketOpening, learner: MarketLearner, places: Places) -> bool:
    if opening.zip is None:
        return not learner.remote_ok
    return places.distance_m(opening.zip, learner.zip) > 1000 * learner.reach_km


def _unavailable(opening: MarketOpening, learner: MarketLearner, places: Places) -> bool:
    start_by, available_from = opening.start_by, learner.available_from
    return start_by is not None and available_from is not None and available_from > start_by


def _shift_conflict(opening: MarketOpening, learner: MarketLearner, places: Places) -> bool:
    return bool(opening.shifts and learner.shifts) and opening.shifts.isdisjoint(learner.shifts)


def _pay_conflict(opening: MarketOpening, learner: MarketLearner, places: Places) -> bool:
    wage_max, wage_floor = opening.wage_max, learner.wage_floor
    return wage_max is not None and wage_floor is not None and wage_max < wage_floor


_FAILS: tuple[tuple[Gate, Callable[[MarketOpening, MarketLearner, Places], bool]], ...] = (
    (Gate.NOT_SEEKING, _not_seeking),
    (Gate.NO_CONSENT, _no_consent),
    (Gate.OUT_OF_REACH, _out_of_reach),
    (Gate.UNAVAILABLE, _unavailable),
    (Gate.SHIFT_CONFLICT, _shift_conflict),
    (Gate.PAY_CONFLICT, _pay_conflict),
)

_KNOWN: dict[Gate, Callable[[MarketOpening, MarketLearner], bool]] = {
    Gate.UNAVAILABLE: lambda opening, learner: None not in (opening.start_by, learner.available_from),
    Gate.PAY_CONFLICT: lambda opening, learner: None not in (opening.wage_max, learner.wage_floor),
}


def _values(opening: MarketOpening, learner: MarketLearner, places: Places) -> dict[Gate, dict[str, GateValue]]:
    return {
        Gate.NOT_SEEKING: {"seeking": learner.seeking},
        Gate.NO_CONSENT: {"consents_to_matching": learner.consents_to_matching},
        Gate.OUT_OF_REACH: _reach_values(opening, learner, places),
        Gate.UNAVAILABLE: {
            "start_by": _iso(opening.start_by),
            "available_from": _iso(learner.available_from),
        },
        Gate.SHIFT_CONFLICT: {
            "opening_shifts": tuple(sorted(opening.shifts)),
            "learner_shifts": tuple(sorted(learner.shifts)),
        },
        Gate.PAY_CONFLICT: {"wage_max": opening.wage_max, "wage_floor": learner.wage_floor},
    }


def _reach_values(opening: MarketOpening, learner: MarketLearner, places: Places) -> dict[str, GateValue]:
    if opening.zip is None:
        return {"remote_ok": learner.remote_ok}
    return {"distance_m": places.distance_m(opening.zip, learner.zip), "reach_m": 1000 * learner.reach_km}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day is not None else None

"""Whom an opening reaches (section 15)."""

from .documents import Doc
from .gates import unmet_required
from .holdings import outcome
from .places import distance_m

GATES = ("unavailable", "shift_conflict", "pay_conflict")


def evaluate_reach(market: Doc, opening: Doc) -> Doc:
    """The exact numbers for an opening of the market, or for a draft."""
    people = [learner for learner in market["learners"] if _in_reach(opening, learner)]
    passing = [learner for learner in people if not _failing(opening, learner)]
    unmet = {learner["learner_id"]: unmet_required(market, opening, learner) for learner in people}
    near = [learner for learner in passing if len(unmet[learner["learner_id"]]) == 1]
    required = [group for group in opening["groups"] if group["necessity"] == "required"]
    lacking = []
    for group in required:
        lack = [learner for learner in near if unmet[learner["learner_id"]] == [group]]
        anyhow = group | {"verified_only": False}
        unverified = sum(outcome(market, anyhow, learner)["met"] for learner in lack)
        lacking.append((group["id"], len(lack), unverified if group.get("verified_only") else None))
    able = [learner for learner in people if not unmet[learner["learner_id"]]]
    return {
        "in_reach": len(people),
        "pass_gates": len(passing),
        "qualified": sum(not unmet[learner["learner_id"]] for learner in passing),
        "near_misses": len(near),
        "lacking": lacking,
        "held_back": [sum(_failing(opening, learner) == [gate] for learner in able) for gate in GATES],
    }


def _in_reach(opening: Doc, learner: Doc) -> bool:
    if not learner["seeking"] or not learner["consents_to_matching"]:
        return False
    if opening.get("remote"):
        return bool(learner.get("remote_ok", False))
    return distance_m(opening["zip"], learner["zip"]) <= 1000 * int(learner.get("reach_km", 40))


def _failing(opening: Doc, learner: Doc) -> list[str]:
    late = "start_by" in opening and "available_from" in learner and learner["available_from"] > opening["start_by"]
    shifts = bool(opening["shifts"] and learner["shifts"]) and not set(opening["shifts"]) & set(learner["shifts"])
    pay = "wage_max" in opening and "wage_floor" in learner and opening["wage_max"] < learner["wage_floor"]
    return [gate for gate, fails in zip(GATES, (late, shifts, pay), strict=True) if fails]


def told_reach(numbers: Doc) -> Doc:
    """The ranges of the exact numbers."""
    lacking = [(name, _steps(near), None if some is None else _steps(some)) for name, near, some in numbers["lacking"]]
    qualified, held_back = _steps(numbers["qualified"]), [_steps(n) for n in numbers["held_back"]]
    near_misses = (sum(near[0] for _, near, _ in lacking), 1 + sum(near[1] - 1 for _, near, _ in lacking))
    pass_gates = _around(numbers["pass_gates"], [qualified, near_misses])
    return {
        "in_reach": _around(numbers["in_reach"], [pass_gates, *held_back]),
        "pass_gates": pass_gates,
        "qualified": qualified,
        "near_misses": near_misses,
        "lacking": lacking,
        "held_back": held_back,
    }


def _steps(n: int) -> tuple[int, int]:
    if n == 0:
        return 0, 1
    return (1, 5) if n <= 4 else (5 * (n // 5), 5 * (n // 5) + 5)


def _around(n: int, parts: list[tuple[int, int]]) -> tuple[int, int]:
    low, high = sum(part[0] for part in parts), sum(part[1] - 1 for part in parts)
    s = next(each for each in range(high + 1, high + 6) if each % 5 == 0)
    return (low, s) if high > 0 and n < s else _steps(n)

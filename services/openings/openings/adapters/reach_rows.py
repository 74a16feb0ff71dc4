"""How counts are stored: as events carry them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from openings.domain.reach import CountBounds, HoldingGate, LackedGroup, OpeningReach

_COUNTS = ("in_reach", "pass_gates", "qualified", "near_misses")


def reach_of(stored: Mapping[str, Any]) -> OpeningReach:
    """The counts of `ReachReading.counted`."""
    return OpeningReach(
        subject_version=stored["subject_version"],
        **{name: CountBounds(**stored[name]) for name in _COUNTS},
        lacking=tuple(_lacking(each) for each in stored["lacking"]),
        held_back=tuple(HoldingGate(each["gate"], CountBounds(**each["learners"])) for each in stored["held_back"]),
        policy_version=stored["policy_version"],
        day=date.fromisoformat(stored["day"]),
        as_of=datetime.fromisoformat(stored["as_of"]),
    )


def _lacking(stored: Mapping[str, Any]) -> LackedGroup:
    unverified = stored.get("unverified")
    return LackedGroup(
        stored["id"], CountBounds(**stored["near_misses"]), None if unverified is None else CountBounds(**unverified)
    )

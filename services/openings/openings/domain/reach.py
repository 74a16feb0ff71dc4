"""How many learners an opening or a draft reaches, as matching tells it (MARKET.md section 15)."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class CountBounds:
    """A number of learners that is at least `at_least` and less than `fewer_than`; nobody here knows the number."""

    at_least: int
    fewer_than: int


@dataclass(frozen=True, slots=True)
class LackedGroup:
    """The near misses who lack this group alone. `unverified` are those of them who hold it without the proof that it asks
    for; None where it asks for none."""

    id: str
    near_misses: CountBounds
    unverified: CountBounds | None = None


@dataclass(frozen=True, slots=True)
class HoldingGate:
    """Those who meet every required group and whom this gate alone keeps out."""

    gate: str
    learners: CountBounds


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningReach:
    """The newest counts. `subject_version` is the version of the opening or draft that was counted for."""

    subject_version: int
    in_reach: CountBounds
    pass_gates: CountBounds
    qualified: CountBounds
    near_misses: CountBounds
    lacking: tuple[LackedGroup, ...]
    held_back: tuple[HoldingGate, ...]
    policy_version: int
    day: date
    as_of: datetime

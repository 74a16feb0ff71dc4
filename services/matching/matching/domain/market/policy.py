"""The policy: every number of MARKET.md sections 8 to 13, as one versioned value."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import cast

TENTHS = 10


class InvalidPolicy(ValueError):
    """The values cannot be a policy; `problems` are (field, rule) pairs. The caller must correct them."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(f"{name}: {rule}" for name, rule in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Policy:
    """Every number that an operator may set; every result carries its `version`.

    Weights are those of section 8; shortlist numbers of section 9; `pipeline_days`, guards, thresholds
    (thousandths), `smoothing` (thousandths) and `top_credentials` of section 12; `revision_tenths` of section 13;
    `pathway_size`, `refresh_seconds` and `pathway_rate` (lists a second and partition) of section 11. No employer's share
    of a demand is above a `guard_employer_share` (thousandths) of 1000, which guards nothing. A level goes down
    only when 10 * tightness < hysteresis_tenths * threshold; a component moved when 10 * |new - old| > revision_tenths * old.
    """

    version: int = 1
    weight_preferred: int = 50
    weight_trainable: int = 30
    weight_evidence: int = 20
    shortlist_min: int = 10
    shortlist_max: int = 100
    shortlist_per_position: int = 5
    pipeline_days: int = 180
    guard_openings: int = 5
    guard_employers: int = 3
    guard_employer_share: int = 667
    threshold_balanced: int = 667
    threshold_shortage: int = 1500
    threshold_severe: int = 3000
    hysteresis_tenths: int = 9
    revision_tenths: int = 1
    smoothing: int = 2000
    top_credentials: int = 5
    pathway_size: int = 5
    refresh_seconds: int = 3600
    pathway_rate: int = 500

    def __post_init__(self) -> None:
        if problems := policy_problems(self.to_dict()):
            raise InvalidPolicy(problems)

    def to_dict(self) -> dict[str, int]:
        """Every number by its name."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> "Policy":
        """The policy with `values` in place of the defaults; raises `InvalidPolicy`, which names every problem."""
        if problems := policy_problems(values):
            raise InvalidPolicy(problems)
        return cls(**cast(dict[str, int], dict(values)))


_BOUNDS: dict[str, tuple[int, int]] = {
    "version": (1, 2**31 - 1),
    "weight_preferred": (1, 10_000),
    "weight_trainable": (1, 10_000),
    "weight_evidence": (1, 10_000),
    "shortlist_min": (1, 10_000),
    "shortlist_max": (1, 10_000),
    "shortlist_per_position": (1, 10_000),
    "pipeline_days": (0, 3660),
    "guard_openings": (1, 10_000),
    "guard_employers": (1, 10_000),
    "guard_employer_share": (1, 1000),
    "threshold_balanced": (1, 10**9),
    "threshold_shortage": (1, 10**9),
    "threshold_severe": (1, 10**9),
    "hysteresis_tenths": (1, TENTHS),
    "revision_tenths": (0, TENTHS),
    "smoothing": (1, 10**9),
    "top_credentials": (1, 100),
    "pathway_size": (1, 100),
    "refresh_seconds": (1, 86_400 * 7),
    "pathway_rate": (1, 100_000),
}
"""Weights and smoothing are at least 1 because they are, or add up to, divisors."""


def policy_problems(values: Mapping[str, object]) -> list[tuple[str, str]]:
    """Everything wrong with a full or partial policy, as (field, rule) pairs in the order of the fields given."""
    problems = [(name, rule) for name, value in values.items() if (rule := _broken_rule(name, value))]
    return problems or _order_problems(values)


def _broken_rule(name: str, value: object) -> str | None:
    if name not in _BOUNDS:
        return "unknown field"
    if isinstance(value, bool) or not isinstance(value, int):
        return "must be an integer"
    lowest, highest = _BOUNDS[name]
    return None if lowest <= value <= highest else f"must be {lowest} to {highest}"


def _order_problems(values: Mapping[str, object]) -> list[tuple[str, str]]:
    full = cast(dict[str, int], {field.name: field.default for field in fields(Policy)} | dict(values))
    problems: list[tuple[str, str]] = []
    if full["shortlist_min"] > full["shortlist_max"]:
        problems.append(("shortlist_min", "must not be above shortlist_max"))
    if not full["threshold_balanced"] < full["threshold_shortage"] < full["threshold_severe"]:
        problems.append(("threshold_balanced", "thresholds must ascend: balanced < shortage < severe"))
    return problems

"""The arithmetic of shortage cells (MARKET.md section 12)."""

from collections.abc import Sequence

from matching.domain.cells.shortage_cell import CellMeasure, Level
from matching.domain.market.policy import TENTHS, Policy
from matching.domain.market.subjects import MarketOpening
from matching.domain.rules.groups import AskedGroups

PER_POSITION = 1000
"""Demand is in thousandths of a position."""


def demand_of(opening: MarketOpening, asked: AskedGroups) -> dict[str, int]:
    """Demand that one live opening adds to each subject it requires, in thousandths, floored for each group."""
    demand: dict[str, int] = {}
    for group in asked.required:
        share = PER_POSITION * opening.remaining // len(group.subjects)
        for subject in group.subjects:
            demand[subject] = demand.get(subject, 0) + share
    return demand


def blocked_of(opening: MarketOpening, asked: AskedGroups, qualified: int, near: Sequence[int]) -> dict[str, int]:
    """Positions of one opening that stay open for want of each subject; `near` counts near misses by required group."""
    lacking = opening.remaining - qualified
    if lacking <= 0:
        return {}
    missing: dict[str, int] = {}
    for group, count in zip(asked.required, near, strict=True):
        for subject in group.subjects if count else ():
            missing[subject] = missing.get(subject, 0) + count
    return {subject: min(lacking, count) for subject, count in missing.items()}


def tightness_of(demand: int, supply: int, policy: Policy) -> int:
    """Demand over supply in thousandths, smoothed so that small markets are not extreme."""
    return 1000 * (demand + policy.smoothing) // (1000 * supply + policy.smoothing)


def employer_share_of(largest: int, demand: int) -> int:
    """The share of a cell's demand that the employer with the largest has, in thousandths; 0 without demand."""
    return 1000 * largest // demand if demand else 0


def level_without_history(measure: CellMeasure, policy: Policy) -> Level:
    """The level of a cell that had none yesterday: INSUFFICIENT_DATA under the evidence guard, else by tightness."""
    return _guarded_level(measure, measure.tightness, policy)


def level_ahead_of(measure: CellMeasure, policy: Policy) -> Level:
    """The level once those in training finish, by the same guard and thresholds; yesterday's does not count."""
    return _guarded_level(measure, measure.tightness_ahead, policy)


def _guarded_level(measure: CellMeasure, tightness: int, policy: Policy) -> Level:
    if _lacks_evidence(measure, policy):
        return Level.INSUFFICIENT_DATA
    if tightness < policy.threshold_balanced:
        return Level.SURPLUS
    if tightness < policy.threshold_shortage:
        return Level.BALANCED
    return Level.SHORTAGE if tightness < policy.threshold_severe else Level.SEVERE


def _lacks_evidence(measure: CellMeasure, policy: Policy) -> bool:
    few = measure.openings < policy.guard_openings or measure.employers < policy.guard_employers
    return few or measure.employer_share > policy.guard_employer_share


def level_after(previous: Level | None, measure: CellMeasure, policy: Policy) -> Level:
    """The level with hysteresis: up at once, down from `previous` (the end of yesterday) one clear step at a time."""
    now = level_without_history(measure, policy)
    if previous is None or now == Level.INSUFFICIENT_DATA or now >= previous:
        return now
    level = previous
    while level > Level.SURPLUS and _clearly_below(measure.tightness, level, policy):
        level = Level(level - 1)
    return level


def _clearly_below(tightness: int, level: Level, policy: Policy) -> bool:
    return TENTHS * tightness < policy.hysteresis_tenths * _lower_threshold(level, policy)


def _lower_threshold(level: Level, policy: Policy) -> int:
    return {
        Level.BALANCED: policy.threshold_balanced,
        Level.SHORTAGE: policy.threshold_shortage,
        Level.SEVERE: policy.threshold_severe,
    }[level]

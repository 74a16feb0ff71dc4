"""What is told of counts of learners: ranges, from which no count of one to four can be worked out (MARKET.md section 15).

Only counts of which no learner is in two get a range of their own. Sums of them are told by what is told of their parts, so
that a reader learns nothing from a sum that the parts do not say, whatever else must hold between the counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from matching.domain.reach.counting import LackingCount, OpeningCounts

STEP = 5
"""Counts are told in ranges of this many, and below it only as fewer."""


class ToldRange(NamedTuple):
    """A count n with at_least <= n < fewer_than."""

    at_least: int
    fewer_than: int


@dataclass(frozen=True, slots=True)
class LackingTold:
    """What is told of one required group, as in `LackingCount`."""

    group_id: str
    near_misses: ToldRange
    unverified: ToldRange | None


@dataclass(frozen=True, slots=True)
class ToldCounts:
    """What is told of `OpeningCounts`, field by field."""

    in_reach: ToldRange
    pass_gates: ToldRange
    qualified: ToldRange
    near_misses: ToldRange
    lacking: tuple[LackingTold, ...]
    held_back: tuple[ToldRange, ...]


def told_of(counts: OpeningCounts) -> ToldCounts:
    """The ranges of the counts."""
    qualified = _range_of(counts.qualified)
    lacking = tuple(_lacking_told(each) for each in counts.lacking)
    held_back = tuple(_range_of(count) for count in counts.held_back)
    near_misses = _sum_of(each.near_misses for each in lacking)
    pass_gates = _range_above(counts.pass_gates, _sum_of((qualified, near_misses)))
    in_reach = _range_above(counts.in_reach, _sum_of((pass_gates, *held_back)))
    return ToldCounts(in_reach, pass_gates, qualified, near_misses, lacking, held_back)


def _range_of(count: int) -> ToldRange:
    """None apart, then one to four, then steps."""
    if not count:
        return ToldRange(0, 1)
    least = STEP * (count // STEP)
    return ToldRange(max(1, least), least + STEP)


def _lacking_told(counted: LackingCount) -> LackingTold:
    unverified = None if counted.unverified is None else _range_of(counted.unverified)
    return LackingTold(counted.group_id, _range_of(counted.near_misses), unverified)


def _sum_of(parts: Iterable[ToldRange]) -> ToldRange:
    """All that a sum can be by the ranges of its parts."""
    told = tuple(parts)
    return ToldRange(sum(each.at_least for each in told), 1 + sum(each.fewer_than - 1 for each in told))


def _range_above(count: int, parts: ToldRange) -> ToldRange:
    """The range of a count of which `parts` are a part: one range for all that the parts alone can be, and steps above it. A
    finer one could say that all of the parts are at their least, or at their most."""
    if parts.fewer_than == 1:
        return _range_of(count)
    steps_begin = STEP * -(-parts.fewer_than // STEP)
    return ToldRange(parts.at_least, steps_begin) if count < steps_begin else _range_of(count)

"""What is told of counts of learners: ranges, from which no count of one to four can be worked out (MARKET.md section 15)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from matching.domain.reach.counting import ReachCounts

STEP = 5
"""Counts are told in ranges of this many, and below it only as fewer."""


class ToldRange(NamedTuple):
    """A count n with at_least <= n < fewer_than."""

    at_least: int
    fewer_than: int


FEW = ToldRange(1, STEP)
AT_MOST_FEW = ToldRange(0, STEP)


@dataclass(frozen=True, slots=True)
class LackingTold:
    """What is told of one required group, as in `LackingCount`."""

    group_id: str
    near_misses: ToldRange
    unverified: ToldRange | None


@dataclass(frozen=True, slots=True)
class ReachTold:
    """What is told of `ReachCounts`, field by field."""

    in_reach: ToldRange
    pass_gates: ToldRange
    qualified: ToldRange
    near_misses: ToldRange
    lacking: tuple[LackingTold, ...]
    held_back: tuple[ToldRange, ...]


def told_of(counts: ReachCounts) -> ReachTold:
    """The ranges of the counts, as wide as they must be."""
    told = _told(counts, is_vague=False)
    if not is_telling(told):
        return told
    told = _told(counts, is_vague=True)
    return _without_groups(told) if is_telling(told) else told


def is_telling(told: ReachTold) -> bool:
    """Whether some count of one to four follows from the ranges and from what must hold between the counts."""
    bounds = _Bounds(told)
    if not any(0 <= low <= high < STEP and high for low, high in zip(bounds.low, bounds.high, strict=True)):
        return False
    bounds.tighten()
    return any(low == high and 0 < low < STEP for low, high in zip(bounds.low, bounds.high, strict=True))


def _told(counts: ReachCounts, is_vague: bool) -> ReachTold:
    def range_of(count: int) -> ToldRange:
        if count < STEP and is_vague:
            return AT_MOST_FEW
        least = STEP * (count // STEP)
        return ToldRange(least, least + STEP) if least else FEW if count else ToldRange(0, 1)

    return ReachTold(
        range_of(counts.in_reach),
        range_of(counts.pass_gates),
        range_of(counts.qualified),
        range_of(counts.near_misses),
        tuple(
            LackingTold(
                each.group_id, range_of(each.near_misses), None if each.unverified is None else range_of(each.unverified)
            )
            for each in counts.lacking
        ),
        tuple(range_of(count) for count in counts.held_back),
    )


def _without_groups(told: ReachTold) -> ReachTold:
    any_of_them = ToldRange(0, told.near_misses.fewer_than)
    lacking = (
        LackingTold(each.group_id, any_of_them, None if each.unverified is None else any_of_them) for each in told.lacking
    )
    return replace(told, lacking=tuple(lacking))


class _Bounds:
    """The least and the most that each count can be: in reach, passing, qualified, near misses, then the groups, what is
    unverified of them, and the gates."""

    IN_REACH, PASS_GATES, QUALIFIED, NEAR_MISSES, FIRST_GROUP = range(5)

    def __init__(self, told: ReachTold) -> None:
        groups = [each.near_misses for each in told.lacking]
        unverified = [each.unverified or each.near_misses for each in told.lacking]
        totals = [told.in_reach, told.pass_gates, told.qualified, told.near_misses]
        ranges = [*totals, *groups, *unverified, *told.held_back]
        self.low, self.high = [each.at_least for each in ranges], [each.fewer_than - 1 for each in ranges]
        self._groups, self._gates = len(groups), len(told.held_back)

    def tighten(self) -> None:
        """Until nothing more follows."""
        before = None
        while before != (before := (tuple(self.low), tuple(self.high))):
            for total, parts, is_all in self._sums():
                self._tighten(total, parts, is_all)

    def _sums(self) -> Iterator[tuple[int, Sequence[int], bool]]:
        """A total, counts that are parts of it without overlap, and whether they are all of it."""
        groups = range(self.FIRST_GROUP, self.FIRST_GROUP + self._groups)
        unverified = range(groups.stop, groups.stop + self._groups)
        gates = range(unverified.stop, unverified.stop + self._gates)
        yield self.NEAR_MISSES, groups, True
        yield self.PASS_GATES, (self.QUALIFIED, self.NEAR_MISSES), self._groups <= 1
        yield self.IN_REACH, (self.PASS_GATES, *gates), False
        for group, part in zip(groups, unverified, strict=True):
            yield group, (part,), False

    def _tighten(self, total: int, parts: Sequence[int], is_all: bool) -> None:
        low, high = self.low, self.high
        least, most = sum(low[part] for part in parts), sum(high[part] for part in parts)
        low[total] = max(low[total], least)
        if is_all:
            high[total] = min(high[total], most)
        for part in parts:
            others_least, others_most = least - low[part], most - high[part]
            high[part] = min(high[part], high[total] - others_least)
            if is_all:
                low[part] = max(low[part], low[total] - others_most)
            least, most = others_least + low[part], others_most + high[part]

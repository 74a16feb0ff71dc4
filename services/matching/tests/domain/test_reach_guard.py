"""What is told of counts lets nobody work out that they are one, two, three or four."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import market_oracle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.domain.reach.counting import LackingCount, OpeningCounts
from matching.domain.reach.disclosure_control import ToldCounts, ToldRange, told_of

NO_GATES = (0, 0, 0)


def counts(
    qualified: int = 0, lacking: tuple[int, ...] = (), others: int = 0, held_back: tuple[int, ...] = NO_GATES, outside: int = 0
) -> OpeningCounts:
    """Counts in which everything adds up: `others` lack two groups or more, `outside` fail several gates or lack a group."""
    passing = qualified + sum(lacking) + others
    groups = tuple(LackingCount(f"g{place}", count, None) for place, count in enumerate(lacking))
    return OpeningCounts(passing + sum(held_back) + outside, passing, qualified, sum(lacking), groups, held_back)


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, (0, 1)), (1, (1, 5)), (4, (1, 5)), (5, (5, 10)), (9, (5, 10)), (10, (10, 15)), (1_000_003, (1_000_000, 1_000_005))],
)
def test_a_count_is_told_as_a_range(count: int, told: tuple[int, int]) -> None:
    found = told_of(counts(qualified=count))
    assert found.qualified == found.pass_gates == found.in_reach == told


def test_a_sum_is_told_by_the_ranges_of_its_parts() -> None:
    """Guards: with a range of its own, 25 or more near misses of at most 9 and four times 4 say that it is 4 in each."""
    told = told_of(counts(lacking=(9, 4, 4, 4, 4)))
    assert [each.near_misses for each in told.lacking] == [(5, 10), *[(1, 5)] * 4]
    assert told.near_misses == (9, 26)
    assert told.pass_gates == told.in_reach == (9, 30)


def test_four_near_misses_in_four_groups_are_not_told_as_fewer_than_five() -> None:
    """Guards: that each of the groups has one would follow from their number."""
    assert told_of(counts(lacking=(1, 1, 1, 1), others=3)).pass_gates == (4, 20)


def test_counts_far_above_their_parts_are_told_in_steps() -> None:
    """Guards that the answer stays useful where many are in reach."""
    told = told_of(counts(qualified=7, lacking=(12, 3), others=30, held_back=(0, 6, 2), outside=103))
    assert (told.near_misses, told.pass_gates, told.in_reach) == ((11, 19), (50, 55), (160, 165))


@dataclass(frozen=True)
class Shape:
    """What the employer knows of an opening beforehand. In every market of it, at most `most` learners are in reach."""

    qualified: bool
    groups: int
    others: bool
    gates: int
    outside: bool
    most: int
    verified_only: bool = False

    def markets(self) -> Iterator[OpeningCounts]:
        """Every one of them."""
        fixed = (self.qualified, self.others, self.outside)
        for values in _splits(self.most, sum(fixed) + self.groups + self.gates):
            left = iter(values)
            qualified, others, outside = (next(left) if there else 0 for there in fixed)
            lacking = tuple(next(left) for _ in range(self.groups))
            held_back = (*left, *NO_GATES)[:3]
            found = counts(qualified, lacking, others, held_back, outside)
            yield from _proven(found) if self.verified_only else (found,)


def _splits(most: int, parts: int) -> Iterator[tuple[int, ...]]:
    """All tuples of so many numbers of which the sum is not above `most`."""
    if not parts:
        yield ()
        return
    for first in range(most + 1):
        for rest in _splits(most - first, parts - 1):
            yield (first, *rest)


def _proven(found: OpeningCounts) -> Iterator[OpeningCounts]:
    [group] = found.lacking
    for unverified in range(group.near_misses + 1):
        yield replace(found, lacking=(replace(group, unverified=unverified),))


SHAPES = {
    "no group and no gate": Shape(True, 0, False, 0, False, most=60),
    "no group and one gate": Shape(True, 0, False, 1, False, most=40),
    "no group and three gates": Shape(True, 0, False, 3, True, most=19),
    "one group": Shape(True, 1, False, 1, True, most=24),
    "one group that asks for proof": Shape(True, 1, False, 0, True, most=24, verified_only=True),
    "two groups and a gate": Shape(True, 2, True, 1, True, most=14),
    "two groups and nobody lacks both": Shape(True, 2, False, 0, True, most=24),
    "four groups": Shape(False, 4, True, 0, False, most=19),
    "five groups and nobody lacks two": Shape(False, 5, False, 0, False, most=24),
}


LARGE = {"four groups", "five groups and nobody lacks two"}


@pytest.mark.parametrize(
    "shape",
    [pytest.param(shape, id=name, marks=[pytest.mark.slow] * (name in LARGE)) for name, shape in SHAPES.items()],
)
def test_whatever_is_told_no_small_count_can_be_inverted(shape: Shape) -> None:
    """By trying them all: of the markets of which the same is told, a count with a range of its own is each of one to four
    where it may be any of them, and a sum is one of several."""
    possible: dict[ToldCounts, list[set[int]]] = {}
    for found in shape.markets():
        numbers = _numbers(found)
        sets = possible.setdefault(told_of(found), [set() for _ in numbers])
        for values, number in zip(sets, numbers, strict=True):
            values.add(number)
    complete = {told: sets for told, sets in possible.items() if told.in_reach.fewer_than <= shape.most + 1}
    assert len(complete) > 5
    for told, sets in complete.items():
        for values, is_sum in zip(sets, _are_sums(told), strict=True):
            if not values.isdisjoint({1, 2, 3, 4}):
                assert len(values) > 1 if is_sum else values == {1, 2, 3, 4}, told


def _numbers(found: OpeningCounts) -> Sequence[int]:
    groups = [number for each in found.lacking for number in (each.near_misses, each.unverified or 0)]
    return [found.in_reach, found.pass_gates, found.near_misses, found.qualified, *groups, *found.held_back]


def _are_sums(told: ToldCounts) -> Sequence[bool]:
    return [True, True, True, *[False] * (1 + 2 * len(told.lacking) + len(told.held_back))]


@st.composite
def any_counts(draw: st.DrawFn) -> OpeningCounts:
    few = st.one_of(st.integers(0, 12), st.integers(0, 3000))
    groups = []
    for place, near_misses in enumerate(draw(st.lists(few, max_size=9))):
        unverified = draw(st.none() | st.integers(0, near_misses))
        groups.append(LackingCount(f"g{place}", near_misses, unverified))
    near_misses, qualified = sum(each.near_misses for each in groups), draw(few)
    passing = qualified + near_misses + (draw(few) if len(groups) > 1 else 0)
    held_back = draw(st.tuples(few, few, few))
    return OpeningCounts(passing + sum(held_back) + draw(few), passing, qualified, near_misses, tuple(groups), held_back)


@settings(max_examples=150, deadline=None)
@given(found=any_counts())
def test_counts_are_told_as_the_text_says_and_lie_in_what_is_told(found: OpeningCounts) -> None:
    told = told_of(found)
    lacking = [(each.group_id, each.near_misses, each.unverified) for each in found.lacking]
    document = {
        "in_reach": found.in_reach,
        "pass_gates": found.pass_gates,
        "qualified": found.qualified,
        "near_misses": found.near_misses,
        "lacking": lacking,
        "held_back": list(found.held_back),
    }
    assert market_oracle.told_reach(document) == {
        "in_reach": told.in_reach,
        "pass_gates": told.pass_gates,
        "qualified": told.qualified,
        "near_misses": told.near_misses,
        "lacking": [(each.group_id, each.near_misses, each.unverified) for each in told.lacking],
        "held_back": list(told.held_back),
    }
    for number, bounds in zip(_numbers(found), _ranges(told), strict=True):
        assert bounds.at_least <= number < bounds.fewer_than


@settings(max_examples=150, deadline=None)
@given(found=any_counts(), data=st.data())
def test_every_number_of_a_range_stays_possible_whatever_else_is_told(found: OpeningCounts, data: st.DataObject) -> None:
    """Guards larger markets: other numbers from the ranges of qualified, groups and gates make a market of which the same is
    told."""
    told = told_of(found)
    qualified = data.draw(_within(told.qualified))
    near_misses = [data.draw(_within(each.near_misses)) for each in told.lacking]
    held_back = tuple(data.draw(_within(each)) for each in told.held_back)
    passing = max(found.pass_gates, qualified + sum(near_misses))
    in_reach = max(found.in_reach, passing + sum(held_back))
    lacking = tuple(LackingCount(each.group_id, n, None) for each, n in zip(found.lacking, near_misses, strict=True))
    other = told_of(OpeningCounts(in_reach, passing, qualified, sum(near_misses), lacking, held_back))
    assert (other.in_reach, other.pass_gates, other.near_misses) == (told.in_reach, told.pass_gates, told.near_misses)


def _within(told: ToldRange) -> st.SearchStrategy[int]:
    return st.integers(told.at_least, told.fewer_than - 1)


def _ranges(told: ToldCounts) -> Sequence[ToldRange]:
    groups = [each for group in told.lacking for each in (group.near_misses, group.unverified or ToldRange(0, 1))]
    return [told.in_reach, told.pass_gates, told.near_misses, told.qualified, *groups, *told.held_back]

"""What is told of counts lets nobody work out that they are one, two, three or four."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.domain.reach.counting import LackingCount, ReachCounts
from matching.domain.reach.guard import ToldRange, is_telling, told_of


def counts(
    qualified: int = 0, lacking: tuple[int, ...] = (), others: int = 0, held_back: tuple[int, ...] = (0, 0, 0), outside: int = 0
) -> ReachCounts:
    """Counts in which everything adds up: `others` lack two groups or more, `outside` fail several gates or lack a group."""
    passing = qualified + sum(lacking) + others
    groups = tuple(LackingCount(f"g{place}", count, None) for place, count in enumerate(lacking))
    return ReachCounts(passing + sum(held_back) + outside, passing, qualified, sum(lacking), groups, held_back)


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, (0, 1)), (1, (1, 5)), (4, (1, 5)), (5, (5, 10)), (9, (5, 10)), (10, (10, 15)), (1_000_003, (1_000_000, 1_000_005))],
)
def test_a_count_is_told_as_a_range(count: int, told: tuple[int, int]) -> None:
    assert told_of(counts(qualified=count)).qualified == told


def test_a_sum_gives_no_small_part_away() -> None:
    """Guards: exact totals would say that two learners lack the second group."""
    told = told_of(counts(lacking=(55, 2), others=20))
    assert told.near_misses == (55, 60)
    assert [each.near_misses for each in told.lacking] == [(55, 60), (1, 5)]


def test_where_four_groups_share_four_near_misses_all_small_counts_are_told_alike() -> None:
    """Guards: that each of them has one would follow from their number."""
    told = told_of(counts(lacking=(1, 1, 1, 1), others=9))
    assert {each.near_misses for each in told.lacking} == {told.qualified, told.near_misses} == {ToldRange(0, 5)}


def test_where_every_range_is_full_groups_are_not_told_apart() -> None:
    """Guards: 25 or more near misses in groups of at most 9 and four times 4 say that there are four in each of the four."""
    told = told_of(counts(lacking=(9, 4, 4, 4, 4), others=30))
    assert told.near_misses == (25, 30)
    assert {each.near_misses for each in told.lacking} == {ToldRange(0, 30)}


def small_counts() -> st.SearchStrategy[ReachCounts]:
    few = st.integers(0, 6)
    return st.builds(
        counts,
        qualified=few,
        lacking=st.lists(few, max_size=7).map(tuple),
        others=st.just(0),
        held_back=st.tuples(few, few, few),
        outside=few,
    )


@settings(max_examples=400, deadline=None)
@given(found=small_counts())
def test_no_small_count_follows_from_what_is_told(found: ReachCounts) -> None:
    told = told_of(found)
    assert not is_telling(told)
    for count, told_range in [(found.in_reach, told.in_reach), (found.near_misses, told.near_misses)]:
        assert told_range.at_least <= count < told_range.fewer_than
    for group, group_told in zip(found.lacking, told.lacking, strict=True):
        assert group_told.near_misses.at_least <= group.near_misses < group_told.near_misses.fewer_than


def test_for_every_small_market_another_one_is_told_the_same() -> None:
    """By trying them all, of one group and one gate: whatever is told, each count of one to four could also be another one."""
    worlds: dict[object, list[ReachCounts]] = {}
    for qualified, near_misses, held, outside in product(range(10), repeat=4):
        found = counts(qualified, (near_misses,), held_back=(held, 0, 0), outside=outside)
        worlds.setdefault(told_of(found), []).append(found)
    for alike in worlds.values():
        for values in zip(*(_numbers(each) for each in alike), strict=True):
            assert len(set(values)) > 1 or not 0 < values[0] < 5, alike


def _numbers(found: ReachCounts) -> list[int]:
    groups = [each.near_misses for each in found.lacking]
    return [found.in_reach, found.pass_gates, found.qualified, found.near_misses, *groups, *found.held_back]

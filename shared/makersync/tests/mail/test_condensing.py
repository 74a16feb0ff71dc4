"""What the entries of a subject come to, for every history that a subject can have."""

from datetime import UTC, datetime
from itertools import product

import pytest

from makersync.feed.repository import Entry
from makersync.mail.condensing import Condensed, condensable, related
from makersync.mail.offer import Family

FAMILY = Family("match.proposed", "match.revised", "match.withdrawn")
SIGNALS = ("signal.raised", "signal.eased")
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def entry(position: int, kind: str, subject: str = "a", data: dict[str, int] | None = None) -> Entry:
    return Entry(position, kind, subject, NOW, {"n": position} if data is None else data)


def outcome(*kinds: str) -> list[tuple[str, int]]:
    condensed = Condensed([FAMILY], [SIGNALS])
    condensed.take(entry(n, kind) for n, kind in enumerate(kinds, start=1))
    return [(each.type, each.position) for each in condensed.entries([*FAMILY.types, *SIGNALS, "award.ending"])]


def histories() -> list[tuple[str, ...]]:
    """Each begins with or without a match, which is then proposed only when there is none, else changed or ended."""
    begins, changes, ends = FAMILY.types
    found = []
    for was_there, *steps in product((False, True), *[(begins, changes, ends)] * 4):
        is_there, is_possible = was_there, True
        for step in steps:
            is_possible &= (step == begins) != is_there
            is_there = step != ends
        if is_possible:
            found.append(tuple(steps))
    return found


@pytest.mark.parametrize("history", histories())
def test_the_outcome_is_the_difference_between_before_and_after(history: tuple[str, ...]) -> None:
    begins, changes, ends = FAMILY.types
    was_there, is_there = history[0] != begins, history[-1] != ends
    expected = {(False, False): [], (False, True): [begins], (True, False): [ends], (True, True): [changes]}
    assert [kind for kind, _ in outcome(*history)] == expected[was_there, is_there]


def test_of_states_the_last_entry_of_a_subject_counts() -> None:
    assert outcome("signal.raised", "signal.eased", "signal.raised") == [("signal.raised", 3)]


def test_other_types_are_told_each_and_once() -> None:
    assert outcome("signal.raised", "award.ending", "award.ending") == [("signal.raised", 1), ("award.ending", 3)]


def test_what_is_forgotten_is_not_told() -> None:
    condensed = Condensed([FAMILY])
    condensed.take(
        [Entry(1, FAMILY.begins, "a", NOW, None), Entry(2, FAMILY.changes, "b", NOW, None), entry(3, FAMILY.ends, "b")]
    )
    assert [(each.type, each.subject) for each in condensed.entries(FAMILY.types)] == [(FAMILY.ends, "b")]


def test_types_of_another_cadence_are_no_part_of_it() -> None:
    cadences = {"match.proposed": "immediate", "match.withdrawn": "daily"}
    assert condensable("daily", cadences, FAMILY.types) == ["match.revised", "match.withdrawn"]


def test_only_types_of_the_same_group_are_read_beside_those_that_are_told() -> None:
    """Guards: a recipient of one rare type had the whole feed read, within a transaction that writes."""
    groups = [FAMILY.types, SIGNALS]
    assert related(["webhook.paused"], groups) == {"webhook.paused"}
    assert related(["signal.raised", "match.revised"], groups) == {*FAMILY.types, *SIGNALS}

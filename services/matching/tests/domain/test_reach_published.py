"""What is published of reach: new terms are counted for a few times a day, and versions only grow."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from examples import DAY, TOMORROW, WELDING, group, opening

from contracts.vocabulary import Shift
from matching.domain.reach import published
from matching.domain.reach.counting import counts_of_nobody
from matching.domain.reach.disclosure_control import told_of
from matching.domain.reach.published import MOST_NEW_TERMS, AskedSubject, CountsRecord, PublishedCounts, terms_of
from matching.domain.rules.matches import MOST_OWN

ASKED = opening(group(WELDING), wage_max=2000)
TOLD = told_of(counts_of_nobody(ASKED))


def asked(version: int = 1, subject_id: str = "job", is_draft: bool = False, **changed: Any) -> AskedSubject:
    return AskedSubject(subject_id, version, "shop", is_draft, terms_of(replace(ASKED, **changed)))


def published_to_the_limit(day: date = DAY) -> PublishedCounts:
    """Published once, and again for as many new terms as a day allows."""
    reach = PublishedCounts("here")
    for cents in range(MOST_NEW_TERMS + 1):
        subject = asked(cents + 1, wage_max=cents)
        assert not reach.must_wait(subject, day)
        assert reach.publish(subject, TOLD, day) is not None
    return reach


def test_new_terms_wait_for_the_next_day_once_they_changed_often_enough() -> None:
    """Guards learners against an employer that moves the pay of a live opening cent by cent."""
    reach = published_to_the_limit()
    assert reach.must_wait(asked(20, wage_max=3000), DAY)
    assert not reach.must_wait(asked(20, wage_max=3000), TOMORROW)
    assert not reach.must_wait(asked(1, "another", wage_max=3000), DAY)


def test_terms_that_were_counted_for_go_on_being_counted() -> None:
    """Guards the counts of an opening whose title or filled positions change all day."""
    reach = published_to_the_limit()
    for version in range(20, 60):
        subject = asked(version, wage_max=MOST_NEW_TERMS, title=f"Machinist {version}", filled=1, positions=40)
        assert not reach.must_wait(subject, DAY)
        assert reach.publish(subject, TOLD, DAY) is not None


def test_closing_and_opening_again_gives_no_new_chance() -> None:
    reach = published_to_the_limit()
    assert reach.end("job", DAY) is not None
    assert reach.must_wait(asked(40, wage_max=3000), DAY)
    assert not reach.must_wait(asked(40, wage_max=3000), TOMORROW)


def test_one_that_ended_today_is_remembered_below_the_floor_when_another_process_takes_over() -> None:
    """Guards the limit of a day: in a region of many ended openings, closing one, a rebalance and opening it again would begin
    the limit again."""
    reach = published_to_the_limit()
    change = reach.end("job", DAY)
    assert change is not None
    floor = change.record.version + 5
    again = PublishedCounts("here", [change.record], floor, DAY)
    assert again.must_wait(asked(40, wage_max=3000), DAY)
    counted = again.publish(asked(40, wage_max=MOST_NEW_TERMS), TOLD, DAY)
    assert counted is not None and counted.record.version == change.record.version + 1
    tomorrow = PublishedCounts("here", [change.record], floor, TOMORROW)
    assert not tomorrow.must_wait(asked(40, wage_max=3000), TOMORROW)
    forgotten = tomorrow.publish(asked(40, wage_max=3000), TOLD, TOMORROW)
    assert forgotten is not None and forgotten.record.version == floor + 1


def test_a_day_allows_as_many_as_the_day_before() -> None:
    reach = published_to_the_limit()
    for cents in range(MOST_NEW_TERMS):
        subject = asked(100 + cents, wage_max=100 + cents)
        assert not reach.must_wait(subject, TOMORROW)
        reach.publish(subject, TOLD, TOMORROW)
    assert reach.must_wait(asked(120, wage_max=120), TOMORROW)


def test_drafts_have_a_limit_of_their_own() -> None:
    """Guards that a preview is answered however often its few ids were used: the openings service counts them."""
    reach = PublishedCounts("here")
    for version in range(1, 3 * MOST_NEW_TERMS):
        subject = asked(version, "draft", is_draft=True, wage_max=version)
        assert not reach.must_wait(subject, DAY)
        reach.publish(subject, TOLD, DAY)


@pytest.mark.parametrize(
    "changed",
    [
        {"zip": "44113"},
        {"start_by": DAY},
        {"shifts": frozenset({Shift.DAY})},
        {"wage_max": 2001},
        {"groups": (group(WELDING, verified_only=True),)},
    ],
)
def test_terms_differ_by_what_moves_counts(changed: dict[str, Any]) -> None:
    assert terms_of(replace(ASKED, **changed)) != terms_of(ASKED)


@pytest.mark.parametrize(
    "changed",
    [
        {"title": "Welder", "occupation": "51-4121", "positions": 3, "filled": 1, "version": 9, "closes_on": DAY},
        {"groups": (*ASKED.groups, group(WELDING, group_id="wish", necessity="preferred"))},
    ],
)
def test_terms_are_the_same_whatever_moves_no_count(changed: dict[str, Any]) -> None:
    assert terms_of(replace(ASKED, **changed)) == terms_of(ASKED)


def test_an_opening_that_was_forgotten_continues_above_its_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards readers, for whom a lower version is none; and that no stored row below the floor comes back to life."""
    monkeypatch.setattr(published, "FEWEST_ENDED", 1)
    reach = PublishedCounts("here")
    ended = []
    for subject_id in ("a", "b", "c"):
        for version in (1, 2, 3):
            reach.publish(asked(version, subject_id), TOLD, DAY)
        change = reach.end(subject_id, DAY)
        assert change is not None
        ended.append(change.record)
    assert reach.floor == 0
    reach.publish(asked(1, "d"), TOLD, TOMORROW)
    reach.end("d", TOMORROW)
    assert reach.floor == 4
    again = PublishedCounts("here", ended, reach.floor)
    for known in (reach, again):
        change = known.publish(asked(9, "a"), TOLD, TOMORROW)
        assert change is not None
        assert change.record.version == 5


def test_drafts_and_versions_of_others_are_never_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: the answers of a draft are told from questions by its version, and a floor up there would leave a region without
    versions."""
    monkeypatch.setattr(published, "FEWEST_ENDED", 0)
    records = [
        CountsRecord("draft", 7, 6, "shop", True, None),
        CountsRecord("foreign", MOST_OWN + 1, 6, "shop", False, None),
        CountsRecord("old", 3, 6, "shop", False, None),
        CountsRecord("older", 2, 6, "shop", False, None),
    ]
    reach = PublishedCounts("here", records)
    reach.publish(asked(1), TOLD, DAY)
    reach.end("job", DAY)
    assert (reach.floor, reach.answered("draft"), reach.answered("foreign"), reach.answered("old")) == (3, 6, 6, 0)

"""What stands still although nothing says so is a trouble, with since when, what users see of it, and what mends it."""

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from makersync.mail.server_state import NOT_SET_UP, ServerState
from makersync.runtime.drafts import RegionDrafts
from makersync.runtime.longest_waits import LongestWaits
from makersync.runtime.operating.reading import Freshness, Measuring, NowReading
from makersync.runtime.operating.troubles import troubles
from makersync.runtime.operating.waiting import Waiting
from makersync.runtime.trouble import Trouble
from shared.makersync.tests.effects.toys import NOW

WELL = Waiting(
    events=0,
    oldest_event=None,
    refused=0,
    entries=0,
    oldest_entry=None,
    deliveries=0,
    mail=ServerState(None, None, 0),
)
WAITS = {each.name for each in fields(LongestWaits)}


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


MEMBER_MAIL = {"member_mail": 2, "oldest_member_mail": ago(500)}


def found(complete_s: float = 0, own: Sequence[Trouble] = (), **waiting: Any) -> Sequence[Trouble]:
    return troubles(
        NowReading(
            at=NOW,
            parts={},
            conditions=(),
            measuring=Measuring(True, NOW, None),
            consumers=(),
            written_per_second=None,
            halted=(),
            letters=0,
            waiting=replace(WELL, **{name: each for name, each in waiting.items() if name not in WAITS}),
            waits=LongestWaits(**{name: each for name, each in waiting.items() if name in WAITS}),
            draft_wait_s=120.0,
            freshness=Freshness(None, None, ago(complete_s)),
            publisher=None,
            instances={},
            own=own,
        ),
        "toys",
    )


@pytest.mark.parametrize(
    ("waiting", "since_s", "said", "todo"),
    [
        ({"oldest_entry": ago(31), "entries": 3}, 31, "feeds stand still: 3 entries", "role publisher"),
        ({"webhooks_since": ago(121)}, 121, "Webhooks stand still", "role sender"),
        ({"mail_since": ago(121)}, 121, "Mail stands still", "role sender"),
        ({"mail": ServerState(NOT_SET_UP, ago(9), 2)}, 9, "Mail is not set up", "MAKERSYNC_SMTP_HOST"),
        (MEMBER_MAIL, 500, "2 letters to members wait", "role sender"),
        (MEMBER_MAIL | {"mail": ServerState(NOT_SET_UP, ago(9), 0)}, 500, "2 letters to members wait", "MAKERSYNC_SMTP_HOST"),
        ({"drafts": [RegionDrafts("17410", 1, ago(121))]}, 121, "Drafts of openings wait", "halted"),
        ({"oldest_event": ago(31), "events": 1}, 31, "Events wait longer", "role publisher"),
    ],
)
def test_a_standstill_is_named_with_since_when_and_what_mends_it(
    waiting: dict[str, Any], since_s: float, said: str, todo: str
) -> None:
    """Guards: the page is green while nothing goes out."""
    [trouble] = found(**waiting)
    assert said in trouble.what and todo in trouble.todo
    assert (trouble.since, trouble.is_grave) == (ago(since_s), True)


@pytest.mark.parametrize(
    "waiting",
    [
        {"oldest_entry": ago(29), "entries": 3},
        {"webhooks_since": ago(119)},
        {"mail_since": ago(119)},
        {"mail": ServerState(NOT_SET_UP, ago(9), 0)},
        {"drafts": [RegionDrafts("17410", 1, ago(119))]},
        {"oldest_event": ago(29), "events": 1},
    ],
)
def test_what_is_taken_in_time_is_no_trouble(waiting: dict[str, Any]) -> None:
    assert found(**waiting) == []


def test_feeds_that_are_not_complete_for_long_are_something_to_look_at() -> None:
    assert found(complete_s=119) == []
    [trouble] = found(complete_s=121)
    assert "complete" in trouble.what and not trouble.is_grave and trouble.since == ago(121)
    assert len(found(complete_s=121, oldest_entry=ago(60))) == 1, "entries without numbers say more"


def test_a_mail_server_that_takes_no_mail_is_told_once() -> None:
    """Guards: what waits because of it would look as if nobody sent it."""
    [trouble] = found(mail=ServerState("unreachable", ago(900), 2), mail_since=ago(900))
    assert "accepts no mail" in trouble.what


def test_troubles_of_the_service_come_with_the_others_most_urgent_first() -> None:
    mild = Trouble("Mild.", None, "Wait.", is_grave=False)
    assert [each.what[:5] for each in found(own=[mild], webhooks_since=ago(200))] == ["Webho", "Mild."]

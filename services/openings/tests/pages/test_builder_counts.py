"""How many qualify, beside the form of an opening."""

from datetime import timedelta

import pytest

from makersync.clock import ManualClock
from makersync.runtime.service import Context
from openings.adapters.unit_of_work import units_of_work_of
from openings.entrypoints.sweeps import preview_sweep
from services.openings.tests.conftest import NOW, Caller, Published
from services.openings.tests.events import Counted, Feed, counted
from tests.visiting.browser import Browser

from .typing_recruiter import NEW, Typing, complete

pytestmark = pytest.mark.usefixtures("catalog")
PREVIEW = f"{NEW}/preview"
DRAFT = "drf_acme.49620.{}"
NOBODY = counted(0, 1)


@pytest.fixture
async def typing(recruiter: Browser, acme: Caller) -> Typing:
    typing = await Typing(recruiter).open(NEW)
    await complete(typing)
    return typing


async def test_counts_come_beside_the_form_and_nothing_is_published(typing: Typing, feed: Feed, published: Published) -> None:
    await typing.press(PREVIEW)
    assert "The counts are on their way" in typing.page and "49 previews left today" in typing.page
    lacking = [{"id": "group-1", "near_misses": counted(10)}]
    await feed.reach(Counted(DRAFT.format(1)).at(1, qualified=counted(20), lacking=lacking))
    await typing.do("show")
    assert "20 to 24" in typing.page and "10 to 14: <bdi>NIMS.CNC-OPERATOR</bdi>" in typing.page
    assert "ask for more than the highest pay: nobody" in typing.page
    assert await published.kinds() == ["DraftSubmitted", "DraftEnded"]


async def test_counts_of_an_earlier_text_are_told_as_such(typing: Typing, feed: Feed) -> None:
    await typing.press(PREVIEW)
    await feed.reach(Counted(DRAFT.format(1)).at(1))
    await typing.do("show", title="Turner", positions="7")
    assert "You have changed the form since" not in typing.page, "what matching does not look at"
    await typing.do("show", wage_max="40")
    assert "You have changed the form since" in typing.page


async def test_a_requirement_that_nobody_nearby_holds_is_warned_of_once(typing: Typing, feed: Feed) -> None:
    await typing.press(PREVIEW)
    await feed.reach(Counted(DRAFT.format(1)).at(1, qualified=NOBODY))
    warned = await typing.press(NEW)
    assert warned.status_code == 200 and "nobody in reach holds what is required" in warned.text
    assert (await typing.press(NEW)).status_code == 303


async def test_counts_of_an_earlier_text_warn_of_nothing(typing: Typing, feed: Feed) -> None:
    await typing.press(PREVIEW)
    await feed.reach(Counted(DRAFT.format(1)).at(1, qualified=NOBODY))
    assert (await typing.press(NEW, shifts=["day"])).status_code == 303


async def test_whoever_waits_long_is_told_that_matching_may_be_away_and_publishes(
    typing: Typing, context: Context, clock: ManualClock
) -> None:
    await typing.press(PREVIEW)
    clock.move_to(NOW + timedelta(seconds=11))
    await typing.do("show")
    assert "the matching service may be away" in typing.page
    clock.move_to(NOW + timedelta(minutes=3))
    await preview_sweep(context.store, units_of_work_of(context))()
    await typing.do("show")
    assert "There was no answer" in typing.page and "50 previews left" in typing.page
    assert (await typing.press(NEW)).status_code == 303


async def test_when_the_days_previews_are_used_up_publishing_still_works(typing: Typing, feed: Feed, context: Context) -> None:
    most = context.settings.previews_a_day
    for number in range(most):
        await typing.press(PREVIEW)
        await feed.reach(Counted(DRAFT.format(1)).at(number + 1, subject_version=2 * number + 1))
    refused = await typing.press(PREVIEW)
    assert refused.status_code == 429 and "You can still publish" in refused.text
    assert "0 previews left today" in refused.text
    assert (await typing.press(NEW)).status_code == 303


async def test_a_page_that_asks_by_itself_asks_for_what_is_new_alone(typing: Typing, feed: Feed, published: Published) -> None:
    await typing.press(f"{PREVIEW}?auto=yes")
    await typing.press(f"{PREVIEW}?auto=yes")
    await feed.reach(Counted(DRAFT.format(1)).at(1))
    await typing.press(f"{PREVIEW}?auto=yes", title="Turner")
    assert (await published.kinds()).count("DraftSubmitted") == 1
    await typing.press(f"{PREVIEW}?auto=yes", wage_max="40")
    assert (await published.kinds()).count("DraftSubmitted") == 2


async def test_what_cannot_be_counted_is_marked(typing: Typing) -> None:
    answer = await typing.press(PREVIEW, zip="123")
    assert answer.status_code == 422 and "Counts need a form without errors" in answer.text


async def test_previews_of_others_are_not_shown(typing: Typing, bolt: Caller, feed: Feed) -> None:
    body = {"title": "x", "zip": "17401", "positions": 1}
    group = {"id": "g", "necessity": "required", "any_of": [{"credential": "mssc.cpt"}]}
    asked = await bolt.send("POST", "/v1/openings/preview", json={**body, "groups": [group]}, params={"wait": 0})
    await typing.do("show", preview=asked.json()["preview_id"])
    assert "Ask how many learners would qualify" in typing.page

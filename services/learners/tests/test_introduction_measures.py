"""What operators are told of introductions: how many wait, for how long, and whether one is late."""

from datetime import timedelta

import httpx

from learners.bootstrap import definition
from makersync.clock import ManualClock
from makersync.runtime.service import Context

from .conftest import Caller
from .events import Feed
from .introducing import TOKEN, act, asked, candidate, contact, ended, granted, settle
from .samples import accepted


async def measured(context: Context) -> tuple[float, float, float]:
    """How many wait, the age of the oldest in hours, and the days that the earliest is late."""
    [sweep] = [each for each in definition().periodic(context) if each.name == "measure introductions"]
    await sweep.step()
    names = ("waiting", "oldest_seconds", "overdue_days")
    waiting, age, late = (context.metrics.registry.get_sample_value(f"makersync_introductions_{name}") or 0 for name in names)
    return waiting, age / 3600, late


async def test_those_that_wait_are_counted_until_they_are_answered(
    york: Caller, feed: Feed, context: Context, clock: ManualClock
) -> None:
    assert await measured(context) == (0, 0, 0)
    ada = await candidate(york)
    await feed.batch(asked(ada), asked(ada, name="int_2", asked_at="2026-11-22T09:00:00Z"))
    assert await measured(context) == (2, 1, 0)
    accepted(await act(york, "accept"))
    clock.move_to(clock.now() + timedelta(hours=2))
    assert await measured(context) == (1, 2, 0)


async def test_one_that_should_have_lapsed_is_late(york: Caller, feed: Feed, context: Context, clock: ManualClock) -> None:
    """Guards: the sweep that lets introductions lapse stands still, and nobody is told."""
    await feed.batch(asked(await candidate(york)))
    clock.move_to(clock.now() + timedelta(days=7))
    assert (await measured(context))[2] == 2
    async with context.store.reading() as session:
        [trouble] = await definition().troubles(session, clock)
    assert "Introductions are overdue" in trouble.what and "settle introductions" in trouble.todo
    await settle(context)
    assert await measured(context) == (0, 0, 0)
    async with context.store.reading() as session:
        assert await definition().troubles(session, clock) == ()


async def test_readings_of_contacts_are_counted_by_their_outcome_and_without_ids(
    york: Caller, feed: Feed, context: Context, clock: ManualClock
) -> None:
    """Guards an operators' alert, by the API and by the page alike: whoever only opens the page has read nothing."""
    ada = await candidate(york)
    await feed.batch(asked(ada))
    accepted(await act(york, "accept"))
    await feed.batch(granted(ada, 2))
    page = f"/contacts/int_1/{TOKEN}"
    assert (await york.http.get(page)).status_code == 200
    assert readings(context) == {}
    assert [(await contact(york)).status_code, (await contact(york, "another")).status_code] == [200, 404]
    assert [(await pressed(york, path)).status_code for path in (page, f"{page}x")] == [200, 404]
    assert readings(context) == {"read": 2, "unknown": 2}
    clock.move_to(clock.now() + timedelta(days=3))
    assert [(await contact(york)).status_code, (await pressed(york, page)).status_code] == [410, 410]
    await feed.batch(ended(ada, "IntroductionWithdrawn", 3, status="withdrawn", reason="employer_withdrew"))
    assert (await contact(york)).status_code == 410
    assert readings(context) == {"read": 2, "unknown": 2, "access_expired": 2, "introduction_ended": 1}


async def pressed(caller: Caller, page: str) -> httpx.Response:
    """The button of the page of a contact."""
    return await caller.http.post(page, headers={"Sec-Fetch-Site": "same-origin"})


def readings(context: Context) -> dict[str, float]:
    found = [each for metric in context.metrics.contact_readings.collect() for each in metric.samples]
    return {each.labels["outcome"]: each.value for each in found if each.name == "makersync_contact_readings_total"}

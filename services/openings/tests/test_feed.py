"""The feed of an employer: what it says, how it is read, and that with the snapshot it always equals the shortlists."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from makersync.clock import ManualClock
from makersync.feed.forgetting import forgetting_feed
from makersync.feed.numbering import Numbering
from makersync.feed.starting_over import start_feeds_over
from makersync.feed.tables import FeedEntryRow
from makersync.feed.watching import MOST_OF_ONE
from makersync.runtime.service import Context
from tests.servers.waiting import wait_until

from .conftest import NOW, Caller, MakeCaller, publish
from .events import Feed, Match
from .feed_reading import numbering_of, read

pytestmark = pytest.mark.usefixtures("catalog")


@pytest.fixture
async def numbering(context: Context) -> Numbering:
    return await numbering_of(context)


async def refused(caller: Caller, status: int, **parameters: Any) -> dict[str, Any]:
    answer = await caller.get("/v1/feed", **parameters)
    assert answer.status_code == status, answer.text
    problem: dict[str, Any] = answer.json()
    return problem


async def test_each_event_of_a_match_becomes_an_entry_with_the_whole_state(
    acme: Caller, feed: Feed, opening_id: str, numbering: Numbering
) -> None:
    pair = Match(opening_id, "lrn_1")
    await feed.matches(pair.proposed(1), pair.revised(2, score=9000))
    await feed.matches(pair.withdrawn(3, "outranked"))
    assert (await read(acme))["entries"] == [], "nothing has a position yet"
    assert await numbering.number() == 3

    found = await read(acme)
    assert [(each["position"], each["type"]) for each in found["entries"]] == [
        (1, "match.proposed"),
        (2, "match.revised"),
        (3, "match.withdrawn"),
    ]
    assert {each["subject"] for each in found["entries"]} == {f"{opening_id}/lrn_1"}
    assert [each["data"].get("score") for each in found["entries"]] == [8000, 9000, None]
    assert found["entries"][2]["data"]["reason"] == "outranked"
    assert (found["position"], found["more"]) == (3, False)


async def test_positions_have_no_gaps_and_are_each_employers_own(
    acme: Caller, bolt: Caller, feed: Feed, opening_id: str, numbering: Numbering
) -> None:
    other = (await publish(bolt)).rpartition("/")[2]
    for number in range(4):
        mine, theirs = Match(opening_id, f"lrn_{number}"), Match(other, f"lrn_{number}", {"employer_id": "emp_bolt"})
        await feed.matches(mine.proposed(1), theirs.proposed(1))
        await numbering.number()
    for caller, opening in ((acme, opening_id), (bolt, other)):
        entries = (await read(caller))["entries"]
        assert [each["position"] for each in entries] == [1, 2, 3, 4]
        assert {each["data"]["opening_id"] for each in entries} == {opening}


async def test_a_repeated_or_late_event_makes_no_entry(acme: Caller, feed: Feed, opening_id: str, numbering: Numbering) -> None:
    pair = Match(opening_id, "lrn_1")
    await feed.matches(pair.proposed(1), pair.proposed(1))
    await feed.matches(pair.revised(3))
    await feed.matches(pair.revised(2), pair.proposed(1))
    await feed.matches(Match(opening_id, "lrn_unknown").withdrawn(7, "outranked"))
    await numbering.number()
    assert [each["data"]["version"] for each in (await read(acme))["entries"]] == [1, 3]


async def test_entries_are_read_in_pages_and_by_type(acme: Caller, feed: Feed, opening_id: str, numbering: Numbering) -> None:
    for number in range(5):
        await feed.matches(Match(opening_id, f"lrn_{number}").proposed(1))
    await feed.matches(Match(opening_id, "lrn_0").withdrawn(2, "outranked"))
    await numbering.number()

    first = await read(acme, limit=4)
    assert (first["position"], first["more"]) == (4, True)
    second = await read(acme, limit=4, after=first["position"])
    assert ([each["position"] for each in second["entries"]], second["more"]) == ([5, 6], False)
    ended = await read(acme, types="match.withdrawn")
    assert ([each["position"] for each in ended["entries"]], ended["position"]) == ([6], 6)
    none = await read(acme, types="match.revised,match.withdrawn", after=6)
    assert (none["entries"], none["position"]) == ([], 6)
    assert (await refused(acme, 422, types="match.invented"))["errors"][0]["rule"] == "unknown_entry_type"


async def test_nothing_about_a_learner_stays_in_the_feed_after_erasure(
    acme: Caller, feed: Feed, opening_id: str, numbering: Numbering
) -> None:
    stays, goes = Match(opening_id, "lrn_stays"), Match(opening_id, "lrn_goes")
    await feed.matches(stays.proposed(1), goes.proposed(1))
    await numbering.number()
    await feed.matches(goes.revised(2), goes.withdrawn(3, "consent_withdrawn"), goes.proposed(4))
    await numbering.number()

    entries = (await read(acme))["entries"]
    assert [each["position"] for each in entries] == [1, 2, 3, 4, 5]
    known = {each["position"]: each["data"] for each in entries if each["data"] is not None}
    assert {position: data["version"] for position, data in known.items()} == {1: 1, 4: 3, 5: 4}
    assert known[4]["reason"] == "consent_withdrawn"


async def test_a_position_that_was_never_given_out_or_is_forgotten_is_refused_and_the_snapshot_named(
    acme: Caller, feed: Feed, opening_id: str, numbering: Numbering, context: Context, clock: ManualClock
) -> None:
    await feed.matches(Match(opening_id, "lrn_1").proposed(1), Match(opening_id, "lrn_2").proposed(1))
    await numbering.number()
    problem = await refused(acme, 410, after=3)
    assert (problem["type"], problem["rule"]) == ("urn:makersync:problem:gone", "feed_position")
    assert "/v1/feed/snapshot" in problem["detail"]

    clock.move_to(NOW + timedelta(days=29))
    await feed.matches(Match(opening_id, "lrn_3").proposed(1))
    clock.move_to(NOW + timedelta(days=31))
    await numbering.number()
    assert await forgetting_feed(context.store, clock, 30)() == 2

    assert (await refused(acme, 410, after=0))["rule"] == "feed_position"
    assert [each["position"] for each in (await read(acme, after=2))["entries"]] == [3]


async def test_after_a_restoration_every_earlier_position_is_refused(
    acme: Caller, bolt: Caller, feed: Feed, opening_id: str, numbering: Numbering, context: Context
) -> None:
    await feed.matches(Match(opening_id, "lrn_1").proposed(1))
    await numbering.number()
    async with context.store.transaction() as session:
        await start_feeds_over(session, context.clock)
    await feed.matches(Match(opening_id, "lrn_2").proposed(1))
    await numbering.number()

    for caller in (acme, bolt):
        for position in (0, 1, 2, 500, 10**9):
            await refused(caller, 410, after=position)
        begin = (await read(caller, "/v1/feed/snapshot"))["position"]
        assert (await read(caller, after=begin))["entries"] == []
    opening = (await publish(bolt)).rpartition("/")[2]
    await feed.matches(Match(opening, "lrn_3", {"employer_id": "emp_bolt"}).proposed(1))
    await numbering.number()
    await refused(bolt, 410, after=0)
    begin = (await read(acme, "/v1/feed/snapshot"))["position"]
    assert (await read(acme, after=begin - 1))["entries"][0]["data"]["learner_id"] == "lrn_2"
    await refused(acme, 410, after=begin - 2)


async def test_a_request_that_waits_is_answered_when_there_is_news(
    acme: Caller, feed: Feed, opening_id: str, numbering: Numbering
) -> None:
    waiting = asyncio.create_task(read(acme, wait=30))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await feed.matches(Match(opening_id, "lrn_1").proposed(1))
    await numbering.number()
    async with asyncio.timeout(10):
        assert [each["position"] for each in (await waiting)["entries"]] == [1]


async def test_a_request_does_not_wait_longer_than_it_says(acme: Caller, opening_id: str) -> None:
    async with asyncio.timeout(10):
        assert (await read(acme, wait=1))["entries"] == []
    assert (await refused(acme, 422, wait=31))["errors"][0]["field"] == "wait"


async def test_only_so_many_requests_of_an_organisation_wait_and_all_end_with_the_process(
    acme: Caller, bolt: Caller, context: Context
) -> None:
    surplus = 3
    asked = [asyncio.create_task(acme.get("/v1/feed", wait=30)) for _ in range(MOST_OF_ONE + surplus)]
    await wait_until(lambda: sum(each.done() for each in asked) == surplus)
    assert {each.result().json()["rule"] for each in asked if each.done()} == {"feed_readers"}
    asked.append(asyncio.create_task(bolt.get("/v1/feed", wait=30)))
    await asyncio.sleep(0.1)
    assert sum(each.done() for each in asked) == surplus
    context.stopping.set()
    async with asyncio.timeout(10):
        answers = await asyncio.gather(*asked)
    assert sorted(each.status_code for each in answers) == [200] * (MOST_OF_ONE + 1) + [429] * surplus


async def test_the_feed_is_for_organisations_with_the_scope(caller: MakeCaller, operator: Caller) -> None:
    writer = await caller("emp_acme", ["openings:write"])
    for path in ("/v1/feed", "/v1/feed/snapshot", "/v1/feed/events"):
        assert (await writer.get(path)).status_code == 403
        assert (await operator.get(path)).status_code == 403


async def test_the_snapshot_and_what_follows_it_equal_the_shortlist_whatever_changes_between_its_pages(
    acme: Caller, feed: Feed, opening_id: str, numbering: Numbering
) -> None:
    for number in range(6):
        await feed.matches(Match(opening_id, f"lrn_{number}").proposed(1))
    await numbering.number()

    page = await read(acme, "/v1/feed/snapshot", limit=2)
    position, state = page["position"], {item["subject"]: item["data"] for item in page["items"]}
    await feed.matches(
        Match(opening_id, "lrn_0").withdrawn(2, "outranked"), Match(opening_id, "lrn_5").withdrawn(2, "outranked")
    )
    await feed.matches(Match(opening_id, "lrn_3").revised(2, score=1), Match(opening_id, "lrn_00").proposed(1))
    await numbering.number()
    while page["next_cursor"]:
        page = await read(acme, "/v1/feed/snapshot", limit=2, cursor=page["next_cursor"])
        assert page["position"] == position
        state |= {item["subject"]: item["data"] for item in page["items"]}
    for entry in (await read(acme, after=position))["entries"]:
        state.pop(entry["subject"], None)
        if entry["type"] != "match.withdrawn":
            state[entry["subject"]] = entry["data"]

    shown = (await read(acme, f"/v1/openings/{opening_id}/shortlist"))["candidates"]
    assert {data["learner_id"]: (data["score"], data["version"]) for data in state.values()} == {
        each["learner_id"]: (each["score"], each["version"]) for each in shown
    }
    assert set(state) == {f"{opening_id}/lrn_{name}" for name in ("00", "1", "2", "3", "4")}


async def test_a_cursor_of_another_employers_snapshot_is_refused(
    acme: Caller, bolt: Caller, feed: Feed, opening_id: str
) -> None:
    await feed.matches(Match(opening_id, "lrn_1").proposed(1), Match(opening_id, "lrn_2").proposed(1))
    cursor = (await read(acme, "/v1/feed/snapshot", limit=1))["next_cursor"]
    for changed in (cursor, cursor.partition(".")[2], f"7.{cursor.partition('.')[2]}", "x", "."):
        answer = await bolt.get("/v1/feed/snapshot", cursor=changed)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "cursor")


@pytest.mark.parametrize("database_url", [pytest.param("postgres", marks=pytest.mark.cluster)], indirect=True)
async def test_a_transaction_that_commits_late_gets_the_later_position(
    acme: Caller, feed: Feed, opening_id: str, numbering: Numbering, context: Context
) -> None:
    """Whoever has read up to a position would never see an entry that came to stand before it. On SQLite, with one writer at a
    time, no transaction overtakes another."""
    async with context.store.transaction() as slow:
        slow.add(
            FeedEntryRow(
                organisation_id="emp_acme",
                type="match.proposed",
                subject="slow",
                occurred_at=context.clock.now(),
                recorded_at=context.clock.now(),
                data={},
            )
        )
        await slow.flush()
        await feed.matches(Match(opening_id, "lrn_fast").proposed(1))
        assert await numbering.number() == 1
    assert await numbering.number() == 1
    async with context.store.reading() as session:
        rows = (await session.exec(select(FeedEntryRow).order_by("id"))).all()
    assert [row.subject for row in rows] == ["slow", f"{opening_id}/lrn_fast"]
    assert [each["subject"] for each in (await read(acme))["entries"]] == [f"{opening_id}/lrn_fast", "slow"]

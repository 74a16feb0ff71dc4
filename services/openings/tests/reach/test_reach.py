"""How many learners a live opening reaches, as its employer reads it."""

from datetime import timedelta

import pytest

from makersync.clock import ManualClock
from makersync.runtime.service import Context
from openings.adapters.reach_repository import ReachRepository
from openings.entrypoints.sweeps import reach_sweep
from services.openings.tests.conftest import NOW, Caller
from services.openings.tests.events import Counted, Feed, counted
from services.openings.tests.samples import group

pytestmark = pytest.mark.usefixtures("catalog")


async def test_the_newest_counts_are_shown(acme: Caller, feed: Feed, opening_id: str) -> None:
    """None at first; late copies of older records change nothing."""
    path = f"/v1/openings/{opening_id}/reach"
    before = (await acme.get(path)).json()
    assert before == {"opening_id": opening_id, "opening_version": 1, "counted_version": None, "live": True, "reach": None}
    counts = Counted(opening_id)
    await feed.reach(counts.at(1), counts.at(3, qualified=counted(5)), counts.at(2))
    shown = (await acme.get(path)).json()
    assert (shown["counted_version"], shown["reach"]["qualified"]) == (1, counted(5))
    assert shown["reach"]["as_of"] == "2026-11-22T08:59:58Z"
    assert shown["reach"]["lacking"][0]["any_of"] == [{"credential": "nims.cnc-operator"}]


async def test_an_opening_is_shown_with_its_near_misses(acme: Caller, feed: Feed, opening_id: str) -> None:
    """In lists too; null where nothing is counted, since none would be an answer."""
    listed = (await acme.get("/v1/openings")).json()["items"]
    assert [each["near_misses"] for each in listed] == [None]
    await feed.reach(Counted(opening_id).at(1))
    listed = (await acme.get("/v1/openings")).json()["items"]
    assert [each["near_misses"] for each in listed] == [counted(10)]
    assert (await acme.get(f"/v1/openings/{opening_id}")).json()["near_misses"] == counted(10)


async def test_a_reader_that_has_the_counts_is_told_so(acme: Caller, feed: Feed, opening_id: str) -> None:
    path = f"/v1/openings/{opening_id}/reach"
    await feed.reach(Counted(opening_id).at(1))
    tag = (await acme.get(path)).headers["ETag"]
    assert (await acme.send("GET", path, headers={"If-None-Match": tag})).status_code == 304
    await feed.reach(Counted(opening_id).at(2, qualified=counted(5)))
    assert (await acme.send("GET", path, headers={"If-None-Match": tag})).status_code == 200


async def test_what_would_meet_a_group_is_not_said_of_groups_that_were_revised(
    acme: Caller, feed: Feed, opening_id: str
) -> None:
    """The ids may be the same and mean something else."""
    await feed.reach(Counted(opening_id).at(1))
    revised = [group(any_of=[{"credential": "mssc.cpt"}])]
    answer = await acme.change("PATCH", f"/v1/openings/{opening_id}", 1, {"groups": revised})
    assert answer.status_code == 200
    path = f"/v1/openings/{opening_id}/reach"
    assert (await acme.get(path)).json()["reach"]["lacking"][0]["any_of"] is None
    await feed.reach(Counted(opening_id).at(2, subject_version=2))
    assert (await acme.get(path)).json()["reach"]["lacking"][0]["any_of"] == [{"credential": "mssc.cpt"}]


async def test_counts_end_and_are_forgotten_in_time(
    acme: Caller, feed: Feed, opening_id: str, context: Context, clock: ManualClock
) -> None:
    """The version stays for a while, so that a late copy does not bring the counts back."""
    counts, path = Counted(opening_id), f"/v1/openings/{opening_id}/reach"
    await feed.reach(counts.at(1))
    await feed.reach(counts.ended(2))
    await feed.reach(counts.at(1))
    assert (await acme.get(path)).json()["reach"] is None
    sweep = reach_sweep(context.store, context.clock, context.settings.keep_ended_days)
    clock.move_to(NOW + timedelta(days=context.settings.keep_ended_days - 1))
    await sweep()
    assert await known(context, opening_id) == {opening_id: 2}
    clock.move_to(NOW + timedelta(days=context.settings.keep_ended_days + 1))
    await sweep()
    assert await known(context, opening_id) == {}


async def known(context: Context, opening_id: str) -> dict[str, int]:
    async with context.store.reading() as session:
        return await ReachRepository(session).versions([opening_id])


async def test_a_record_is_checked_against_the_true_employer(acme: Caller, feed: Feed, opening_id: str) -> None:
    """Versions come from the table, employers from openings and drafts; of what is not known nothing is said."""
    await acme.send("POST", "/v1/openings/preview", json=_body(), params={"wait": 0})
    await feed.reach(Counted(opening_id).at(3))
    found = await feed.known_reach(
        Counted(opening_id).at(4), Counted("drf_acme.49620.1").at(1), Counted("opn_lost", "emp_lost").at(1)
    )
    assert [(each.version, dict(each.owners)) for each in found] == [
        (3, {"employer_id": "emp_acme"}),
        (0, {"employer_id": "emp_acme"}),
        (0, {}),
    ]


def _body() -> dict[str, object]:
    return {"title": "CNC machinist", "zip": "17401", "positions": 1, "groups": [group()]}


async def test_another_employers_counts_are_not_there(acme: Caller, bolt: Caller, operator: Caller, opening_id: str) -> None:
    path = f"/v1/openings/{opening_id}/reach"
    assert [(await each.get(path)).status_code for each in (acme, bolt, operator)] == [200, 404, 200]

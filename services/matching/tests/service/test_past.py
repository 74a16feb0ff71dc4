"""What a pair was like: kept in the transaction that changes it, and explained as of any event."""

from datetime import timedelta
from typing import Any

import pytest
from service_world import CREDENTIALS, NOW, World, award
from sqlmodel import func, select
from visits import operator_of

from matching.adapters.forgetting import forget_ended
from matching.adapters.past_forgetting import forget_past
from matching.adapters.past_tables import CatalogPastRow, MatchPastRow, RulesPastRow, SubjectPastRow

PAIR, PAGE = "/v1/explanations/job/ann", "/pairs?opening=job&learner=ann"
DAYS = 90


async def count(world: World, table: type) -> int:
    async with world.store.reading() as session:
        return (await session.exec(select(func.count()).select_from(table))).one()


async def counts(world: World) -> list[int]:
    return [await count(world, table) for table in (SubjectPastRow, MatchPastRow)]


async def events(world: World) -> list[dict[str, Any]]:
    async with await world.operator() as operator:
        return (await operator.get(f"{PAIR}/events")).json()["items"]


async def withdrawn_pair(world: World) -> None:
    """Proposed, and withdrawn because the learner stops seeking."""
    await world.opening()
    await world.learner("ann")
    await world.settle()
    await world.learner("ann", seeking=False)
    await world.settle()


async def test_a_pair_is_explained_as_it_was_at_each_of_its_events(world: World) -> None:
    """Guards: nobody could say any more why a candidate was proposed, or withdrawn."""
    await withdrawn_pair(world)
    told = await events(world)
    assert [each["key"] for each in told] == ["match-2", "learner-2", "match-1", "learner-1", "opening-1"]
    assert [each["change"] for each in told] == ["withdrawn", "state", "proposed", "state", "state"]
    assert told[0]["published"] == {"score": None, "reason": "learner_unavailable", "gate": "not_seeking", "unmet": []}
    async with await world.operator() as operator:
        then = (await operator.get(PAIR, params={"at": "match-1"})).json()
        later = (await operator.get(PAIR, params={"at": "match-2"})).json()
        same = (await operator.get(PAIR, params={"at": told[3]["event_id"]})).json()
        moment = (await operator.get(PAIR, params={"at": told[2]["applied_at"]})).json()
    assert (then["qualified"], later["qualified"], later["reason"]) == (True, False, "not_seeking")
    assert then["score"]["value"] == told[2]["published"]["score"] and then["shortlist"]["rank"] == 1
    assert same["qualified"] and moment["qualified"]
    assert then["as_of"]["event"]["key"] == "match-1" and moment["as_of"]["event"] is None


async def test_the_catalog_and_the_day_are_those_of_then(world: World) -> None:
    """Guards: a definition or a date of today would explain yesterday's match wrongly."""
    await world.credential("mill:new", implies=[CREDENTIALS[0]])
    await world.opening()
    await world.learner("ann", award("mill:new", expires_on="2026-11-24"))
    await world.settle()
    await world.credential("mill:new", implies=[])
    await world.settle()
    world.clock.move_to(NOW + timedelta(days=3))
    await world.settle()
    async with await world.operator() as operator:
        first = (await operator.get(PAIR, params={"at": "match-1"})).json()
        second = (await operator.get(PAIR, params={"at": "match-2"})).json()
    assert (first["qualified"], first["day"]) == (True, "2026-11-22")
    assert (second["qualified"], second["day"], second["unmet_groups"]) == (False, "2026-11-22", ["g"])
    assert await count(world, CatalogPastRow) == 1
    assert "catalog" in [each["change"] for each in await events(world)]


async def test_versions_of_one_batch_are_all_kept_and_copies_add_none(world: World) -> None:
    event = await world.opening()
    for seeking in (True, False, True):
        await world.learner("ann", seeking=seeking)
    await world.opening_again(event)
    await world.settle()
    assert [each["key"] for each in await events(world)] == ["match-1", "learner-3", "learner-2", "learner-1", "opening-1"]
    async with await world.operator() as operator:
        between = (await operator.get(PAIR, params={"at": "learner-2"})).json()
    assert between["reason"] == "not_seeking"
    assert await counts(world) == [2, 0]
    await world.stop()
    await world.start("matching-2")
    await world.opening_again(event)
    await world.settle()
    assert await counts(world) == [2, 0]


async def test_nothing_is_left_of_an_erased_learner(world: World) -> None:
    """Guards: what was would survive the erasure of the person whom it is about."""
    await withdrawn_pair(world)
    await world.learner("ann")
    await world.settle()
    assert await counts(world) == [2, 2]
    await world.gone("ann", "LearnerErased")
    await world.settle()
    assert await counts(world) == [0, 0]
    async with await world.operator() as operator:
        assert (await operator.get(f"{PAIR}/events")).status_code == 404
        assert (await operator.get(PAIR, params={"at": "match-1"})).status_code == 404


async def test_what_one_region_keeps_of_a_learner_whom_another_erased_is_deleted(world: World) -> None:
    """Guards: regions are worked on by different processes, of which one may be late."""
    remote = {"region": "remote", "remote_ok": True}
    for changes in ({}, remote):
        await world.learner("ann", **changes)
    await world.settle()
    await world.learner("ann", seeking=False)
    await world.gone("ann", "LearnerErased")
    await world.settle()
    await world.learner("ann", seeking=False, **remote)
    await world.settle()
    await forget_past(world.store, world.clock, DAYS)
    assert await counts(world) == [0, 0]


async def test_the_past_is_deleted_when_it_is_old_and_what_still_holds_stays(world: World) -> None:
    await withdrawn_pair(world)
    world.clock.move_to(world.clock.now() + timedelta(days=DAYS - 1))
    await world.settle()
    await forget_past(world.store, world.clock, DAYS)
    assert await counts(world) == [1, 1]
    world.clock.move_to(world.clock.now() + timedelta(days=2))
    await forget_past(world.store, world.clock, DAYS)
    assert await counts(world) == [0, 0] and await count(world, RulesPastRow) > 0
    async with await world.operator() as operator:
        gone = await operator.get(PAIR, params={"at": NOW.isoformat()})
    assert (gone.status_code, gone.json()["rule"]) == (404, "not_kept")
    await forget_past(world.store, world.clock, 0)
    assert await count(world, RulesPastRow) == 0


async def test_the_last_event_of_a_pair_is_kept_when_its_row_is_forgotten(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matching.domain.region.match_versions.FEWEST_ENDED", 0)
    await withdrawn_pair(world)
    world.clock.move_to(world.clock.now() + timedelta(days=31))
    await world.settle()
    await forget_ended(world.store, world.clock, 30)
    assert "match-2" in [each["key"] for each in await events(world)]


@pytest.mark.parametrize(("at", "status"), [("match-9", 422), ("never", 422), ("2020-01-01T00:00:00Z", 404)])
async def test_what_is_no_event_is_refused(world: World, at: str, status: int) -> None:
    await withdrawn_pair(world)
    async with await world.operator() as operator:
        assert (await operator.get(PAIR, params={"at": at})).status_code == status
        assert (await operator.get(f"{PAIR}/events", params={"before": "match-9"})).status_code == 422
    async with world.caller() as anybody:
        assert (await anybody.get(f"{PAIR}/events")).status_code == 401


async def test_events_are_listed_in_parts(world: World) -> None:
    await withdrawn_pair(world)
    async with await world.operator() as operator:
        first = (await operator.get(f"{PAIR}/events", params={"limit": 2})).json()
        rest = (await operator.get(f"{PAIR}/events", params={"before": first["next"]})).json()
    assert [each["key"] for each in first["items"]] == ["match-2", "learner-2"]
    assert [each["key"] for each in rest["items"]] == ["match-1", "learner-1", "opening-1"] and rest["next"] is None


async def test_the_page_tells_what_changed(world: World) -> None:
    await withdrawn_pair(world)
    async with operator_of(world) as operator:
        now = await operator.open(PAGE)
        then = await operator.open(f"{PAGE}&at=learner-2")
        unknown = await operator.open(f"{PAGE}&at=match-9")
    assert "What happened" in now.text and "The match was withdrawn" in now.text and "at=match-1" in now.text
    assert "Before: <del>✓ not_seeking: seeking true</del>" in then.text
    assert "Then: <ins>✗ not_seeking: seeking false</ins>" in then.text
    assert unknown.status_code == 422

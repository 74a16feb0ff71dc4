"""What employers ask of the counts is bounded: how often new terms are counted for, how long matching waits for drafts, and how
many rows are kept."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from service_world import World
from sqlmodel import col, select

from makersync.envelope import Event
from makersync.store import paging
from matching.adapters.audit_views import drafts as audited_drafts
from matching.adapters.audit_views import reach as audited_reach
from matching.adapters.forgetting import forget_ended
from matching.adapters.reach_tables import PublishedCountsRow
from matching.application import reaching, waiting_drafts
from matching.domain.engine.learner_count import SET_STEPS
from matching.domain.reach import published
from matching.domain.reach.published import MOST_NEW_TERMS
from matching.domain.region.live_market import RegionMarket

KEPT = 30
INTERVAL = 900.0


async def news(world: World) -> list[Event]:
    await world.settle()
    return await world.events()


async def told(world: World) -> list[tuple[str, int, int | None]]:
    """What is published of reach: subject, version, and the version that was counted for; None at an end."""
    events = [event for event in await news(world) if ".Reach" in event.type]
    return [(event.subject, event.version, event.data.get("subject_version")) for event in events]


async def revised_to_the_limit(world: World) -> None:
    """An opening of which the pay has changed as often as a day allows."""
    for cents in range(MOST_NEW_TERMS + 1):
        await world.opening(wage_max=2000 + cents)
        assert await told(world) == [("job", cents + 1, cents + 1)]


async def test_an_opening_that_changes_its_terms_all_day_is_counted_for_again_tomorrow(world: World) -> None:
    """Guards one learner's wage floor, which pay moved cent by cent would tell. Matching itself takes every change at once."""
    await world.learner("ann", wage_floor=2900)
    await revised_to_the_limit(world)
    await world.opening(wage_max=3000)
    events = await news(world)
    assert [event.type for event in events] == ["matching.MatchProposed"]
    world.pass_seconds(INTERVAL)
    await world.learner("bob")
    assert await told(world) == []
    await world.opening(wage_max=3000, title="Miller")
    assert await told(world) == []
    world.clock.move_to(world.clock.now() + timedelta(days=1))
    version = MOST_NEW_TERMS + 3
    assert await told(world) == [("job", MOST_NEW_TERMS + 2, version)]


async def test_a_restart_forgets_no_change_of_the_day(world: World) -> None:
    await revised_to_the_limit(world)
    await world.stop()
    await world.start("matching-2")
    await world.opening(wage_max=3000)
    assert await told(world) == []
    await world.opening(kind="OpeningClosed", status="closed", wage_max=3000)
    assert await told(world) == [("job", MOST_NEW_TERMS + 2, None)]
    await world.opening(kind="OpeningReopened", wage_max=3000)
    assert await told(world) == []


async def test_what_moves_no_count_is_told_all_day(world: World) -> None:
    """Guards an employer that fills one position after another: its counts stay those of the newest version."""
    await revised_to_the_limit(world)
    for filled in range(3):
        await world.opening(wage_max=2000 + MOST_NEW_TERMS, positions=9, filled=filled)
        version = MOST_NEW_TERMS + 2 + filled
        assert await told(world) == [("job", version, version)]


async def test_openings_that_ended_are_forgotten_and_continue_above_their_versions(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published, "FEWEST_ENDED", 0)
    await world.draft()
    for name in ("a", "b", "c"):
        await world.opening(name)
        await told(world)
        await world.opening(name, "OpeningClosed", status="closed")
    await told(world)
    assert await forget_ended(world.store, world.clock, KEPT) == 0
    world.clock.move_to(world.clock.now() + timedelta(days=KEPT + 1))
    await world.opening("d")
    await told(world)
    await world.opening("d", "OpeningClosed", status="closed")
    await told(world)
    await forget_ended(world.store, world.clock, KEPT)
    async with world.store.reading() as session:
        rows = await session.exec(select(PublishedCountsRow).order_by(col(PublishedCountsRow.subject_id)))
        assert [row.subject_id for row in rows] == ["d", "draft"]
    await world.stop()
    await world.start("matching-2")
    await world.opening("a", "OpeningReopened")
    await world.draft()
    assert sorted(await told(world)) == [("a", 3, 3), ("draft", 2, 2)]


async def test_a_row_that_holds_the_only_memory_of_a_version_stays(world: World) -> None:
    await world.opening()
    await told(world)
    await world.opening(kind="OpeningClosed", status="closed")
    await told(world)
    world.clock.move_to(world.clock.now() + timedelta(days=10 * KEPT))
    await world.settle()
    assert await forget_ended(world.store, world.clock, KEPT) == 0


async def test_drafts_that_take_long_are_answered_one_with_a_batch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards the matching of a region, which waits between two batches: the batches of an employer that asks for much are as
    many as its drafts, and another employer's first draft is answered before its second. Nobody's clock is asked."""
    steps: list[Counter[str]] = []
    refresh, count = reaching.PartitionCounts.refresh, RegionMarket.count_learners

    def noted(self: reaching.PartitionCounts, *args: Any) -> reaching.CountsOutcome:
        steps.append(Counter())
        return refresh(self, *args)

    def counted(self: RegionMarket, opening: Any) -> Any:
        steps[-1][opening.employer_id] += self.count_steps(opening)
        return count(self, opening)

    monkeypatch.setattr(reaching.PartitionCounts, "refresh", noted)
    monkeypatch.setattr(RegionMarket, "count_learners", counted)
    monkeypatch.setattr(waiting_drafts, "DRAFT_STEPS", 1)
    await world.learner()
    await world.opening()
    await told(world)
    steps.clear()
    groups = [
        {"id": f"g{place}", "necessity": "required", "any_of": [{"credential": f"c:{place}.{n}"} for n in range(50)]}
        for place in range(50)
    ]
    for number in range(5):
        await world.draft(f"much-{number}", groups=groups)
    await world.draft("small", employer_id="others")
    assert len(await told(world)) == 6
    answering = [each for each in steps if each]
    assert [list(each) for each in answering] == [["works"], ["others"], *[["works"]] * 4]
    assert max(each["works"] for each in answering) <= SET_STEPS * 2 + 53 * 1


async def test_drafts_are_answered_together_where_they_take_little(world: World) -> None:
    for number in range(5):
        await world.draft(f"draft-{number}")
    assert len(await told(world)) == 5


async def test_the_audit_reads_reach_and_drafts_a_part_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards the memory of the audit, and that a part's end is not taken for the end."""
    for number in range(5):
        await world.opening(f"job-{number}")
        await world.draft(f"draft-{number}")
    await told(world)
    monkeypatch.setattr(paging, "AT_ONCE", 2)
    async with world.store.reading() as session:
        assert len([each async for each in audited_drafts(session)]) == 5
        stated = {each.key.partition("/")[2]: each.state async for each in audited_reach(session)}
    assert len(stated) == 10
    assert stated["job-3"] == {"employer_id": "works", "subject_version": 1}

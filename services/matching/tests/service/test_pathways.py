"""Pathways are refreshed at once for learners who changed, once an interval for all others, and at a limited rate."""

from datetime import timedelta
from typing import Any

import pytest
from service_world import CREDENTIALS, NOW, REGION, World, award
from sqlmodel import select

from contracts.topics import LEARNER
from makersync.clock import ManualClock
from matching.adapters.pathway_tables import PathwayRow
from matching.adapters.policy_tables import PolicyRow
from matching.adapters.subject_repository import live_market
from matching.domain.evaluation.reference import evaluate
from matching.domain.market.policy import Policy
from matching.domain.pathways.published import digest_of
from matching.domain.pathways.unlocking import Unlocked
from reference.places import load_places

MILLING, TURNING, SAFETY = CREDENTIALS
HOUR = 3600.0
Told = tuple[str, int, dict[str, int] | None]


async def told(world: World) -> list[Told]:
    """Settle, and name what matching publishes of pathways: learner, version, positions by credential (None: ended)."""
    await world.settle()
    return [_named(event) for event in await world.events() if event.type.startswith("matching.Pathway")]


async def named(world: World) -> list[dict[str, list[str]]]:
    """Settle, and name the openings that matching publishes by credential, list by list."""
    await world.settle()
    events = [event for event in await world.events() if event.type == "matching.PathwayRefreshed"]
    return [{each["credential"]: each["openings"] for each in event.data["credentials"]} for event in events]


def _named(event: Any) -> Told:
    if event.type == "matching.PathwayEnded":
        return event.subject, event.version, None
    return event.subject, event.version, {each["credential"]: each["unlocked"] for each in event.data["credentials"]}


async def turner(world: World, learner_id: str = "ann", **changes: Any) -> None:
    """Someone who holds turning alone: a near miss of openings that ask for milling."""
    await world.learner(learner_id, award(TURNING, award_id=f"{learner_id}-award"), **changes)


async def apply_policy(world: World, **numbers: int) -> None:
    policy = Policy(version=2, **numbers)
    async with world.store.transaction() as session:
        session.add(PolicyRow(version=2, document=policy.to_dict(), applied_at=NOW))


async def test_a_learner_hears_at_once_what_would_unlock_positions(world: World) -> None:
    await world.opening(positions=3)
    await turner(world)
    await world.settle()
    [event] = [event for event in await world.events() if "Pathway" in event.type]
    as_of = event.data.pop("as_of")
    assert event.data == {
        "region": REGION,
        "learner_id": "ann",
        "provider_id": "college",
        "credentials": [{"credential": MILLING, "unlocked": 3, "openings": ["job"]}],
        "policy_version": 1,
        "day": "2026-11-22",
    }
    assert as_of.startswith("2026-11-22T09:00:") and as_of.endswith("Z")
    assert (event.type, event.partitionkey, event.causationid is not None) == ("matching.PathwayRefreshed", REGION, True)


async def test_a_learner_whose_own_record_changes_is_refreshed_at_once(world: World) -> None:
    await world.opening()
    await turner(world)
    assert await told(world) == [("ann", 1, {MILLING: 1})]
    await turner(world, wage_floor=2000)
    assert await told(world) == []
    await world.learner("ann", award(MILLING))
    assert await told(world) == [("ann", 2, {})]
    await world.learner("ann", award(SAFETY), seeking=False)
    assert await told(world) == []
    await turner(world)
    assert await told(world) == [("ann", 3, {MILLING: 1})]


async def test_a_learner_who_lacks_nothing_gets_no_pathway(world: World) -> None:
    await world.opening()
    await world.learner("ann")
    await turner(world, "bob", consents_to_matching=False)
    assert await told(world) == []


async def test_an_opening_reaches_everybody_else_with_the_next_refresh(world: World) -> None:
    await world.opening()
    await turner(world)
    await told(world)
    await world.opening("second", positions=4)
    assert await told(world) == []
    world.pass_seconds(HOUR)
    assert await told(world) == [("ann", 2, {MILLING: 5})]
    world.pass_seconds(HOUR)
    assert await told(world) == []


async def test_a_job_that_is_filled_is_no_longer_named_although_as_many_positions_are_left(world: World) -> None:
    """Guards: names are part of what is compared, or a list would go on naming a job that nobody can have any more."""
    await world.opening("first", positions=2)
    await turner(world)
    assert await named(world) == [{MILLING: ["first"]}]
    await world.opening("first", version=2, positions=2, filled=2)
    await world.opening("second", positions=2)
    world.pass_seconds(HOUR)
    assert await named(world) == [{MILLING: ["second"]}]
    world.pass_seconds(HOUR)
    assert await named(world) == []


async def test_a_list_from_before_openings_were_named_is_told_again_only_when_it_changes(world: World) -> None:
    """Guards: an upgrade would otherwise publish the lists of a whole nation."""
    await world.opening("first")
    await turner(world)
    await world.settle()
    await world.events()
    async with world.store.transaction() as session:
        [row] = (await session.exec(select(PathwayRow))).all()
        row.digest = digest_of("college", [Unlocked(MILLING, 1)]).hex()
        session.add(row)
    await world.stop()
    await world.start("upgraded")
    assert await named(world) == []
    await world.opening("second")
    world.pass_seconds(HOUR)
    assert await named(world) == [{MILLING: ["first", "second"]}]


async def test_a_day_that_passes_takes_effect_with_the_next_refresh(world: World) -> None:
    await world.opening(closes_on="2026-11-22")
    await turner(world)
    assert await told(world) == [("ann", 1, {MILLING: 1})]
    world.clock.move_to(NOW + timedelta(days=1))
    assert await told(world) == [("ann", 2, {})]


async def test_a_definition_takes_effect_with_the_next_refresh(world: World) -> None:
    await world.opening()
    await turner(world)
    await told(world)
    await world.credential("nims:both", implies=[MILLING])
    world.pass_seconds(HOUR)
    assert await told(world) == [("ann", 2, {MILLING: 1, "nims:both": 1})]


@pytest.mark.parametrize("kind", ["LearnerErased", "LearnerWithdrawn"])
async def test_the_pathway_of_a_learner_who_leaves_ends_at_once_and_keeps_its_version(world: World, kind: str) -> None:
    await world.opening()
    await turner(world)
    await turner(world, "bob")
    await told(world)
    await world.gone("ann", kind)
    await world.gone("nobody", kind)
    assert await told(world) == [("ann", 2, None)]
    async with world.store.reading() as session:
        rows = {row.learner_id: row for row in (await session.exec(select(PathwayRow))).all()}
    assert (rows["ann"].version, rows["ann"].digest) == (2, None)
    assert rows["bob"].digest is not None
    await turner(world)
    assert await told(world) == [("ann", 3, {MILLING: 1})]


async def test_no_learner_is_forgotten_in_a_crash(world: World) -> None:
    await world.opening()
    await turner(world)
    await told(world)
    await world.opening("second")
    await told(world)
    await world.stop()
    await world.start("second")
    assert await told(world) == [("ann", 2, {MILLING: 2})]
    await world.stop()
    await world.start("third")
    assert await told(world) == []


async def test_a_second_copy_and_a_late_one_change_nothing(world: World) -> None:
    await world.opening()
    await turner(world)
    await told(world)
    await turner(world, version=1)
    assert await told(world) == []
    await world.gone("ann", "LearnerErased")
    await told(world)
    await turner(world, version=1)
    world.pass_seconds(HOUR)
    assert await told(world) == []


async def test_lists_never_come_faster_than_the_policy_allows(world: World) -> None:
    """An opening that concerns all learners, in a market that is larger than a second's lists."""
    await apply_policy(world, pathway_rate=4, refresh_seconds=60)
    for number in range(40):
        await turner(world, f"l{number:02}")
    for _ in range(12):
        assert await told(world) == []
    world.pass_seconds(60)
    await world.opening()
    began, count = world.clock.monotonic(), 0
    while count < 40:
        for loop in world.loops:
            await loop.round()
        count += sum("Pathway" in event.type for event in await world.events())
        assert count <= 4 * (world.clock.monotonic() - began + 1)
        world.pass_seconds(0.1)
    assert world.clock.monotonic() - began <= 12


async def test_published_pathways_equal_the_evaluation_after_a_refresh(world: World, clock: ManualClock) -> None:
    await world.credential("nims:master", composed_of=[MILLING, TURNING], training_weeks=9)
    asked = ([MILLING], [TURNING], [SAFETY], [MILLING, TURNING], ["nims:master", SAFETY], ["nims:master"])
    held = ([], [MILLING], [TURNING], [MILLING, SAFETY], [TURNING, SAFETY], ["nims:master"], [MILLING, TURNING])
    for number, awards in enumerate(held):
        await world.say(LEARNER, "LearnerRevised", f"l{number}", learner_data(f"l{number}", awards))
    for number, credentials in enumerate(asked):
        groups = [
            {"id": each, "necessity": "required", "any_of": [{"credential": each}], "verified_only": number % 2 == 0}
            for each in credentials
        ]
        await world.opening(f"o{number}", groups=groups, positions=number + 1)
    lists: dict[str, dict[str, int]] = {}
    for _ in range(2):
        lists |= {learner_id: unlocked or {} for learner_id, _, unlocked in await told(world)}
        world.pass_seconds(HOUR)
    async with world.store.reading() as session:
        pathways = evaluate(await live_market(session, clock), load_places()).pathways
    expected = {learner_id: {each.credential: each.unlocked for each in pathway} for learner_id, pathway in pathways.items()}
    assert {learner_id: unlocked for learner_id, unlocked in lists.items() if unlocked} == expected
    assert len(expected) >= 5


def learner_data(learner_id: str, credentials: list[str]) -> dict[str, Any]:
    awards = [
        award(each, award_id=f"{learner_id}-{each}", evidence="verified" if index else "attested")
        for index, each in enumerate(credentials)
    ]
    data = {"learner_id": learner_id, "provider_id": "college", "region": REGION, "zip": "44113", "awards": awards}
    return data | {"seeking": True, "consents_to_matching": True}

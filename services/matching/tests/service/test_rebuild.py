"""A lost database is rebuilt from the topics, and publishes nothing that was published before."""

from pathlib import Path

import pytest
from service_world import CREDENTIALS, REGION, World, award, open_world
from sqlmodel import select

from contracts.topics import CANDIDATE_MATCH, LEARNER, OPENING
from makersync.broker.port import Outgoing
from makersync.clock import ManualClock
from makersync.effects.log_reading import own_readers, read_log
from makersync.envelope import decode
from makersync.errors import OperatorError
from makersync.store.tables import DeadLetterRow, FenceRow, OutboxRow
from matching.adapters.match_tables import MatchRow
from matching.adapters.policy_repository import live_policy, restore_policy
from matching.adapters.rebuilding import require_empty, restore
from matching.domain.market.policy import Policy
from tests.servers.restoring import dump, take_back, unreadable_event


async def publish_outbox(world: World) -> None:
    """What the relay does."""
    async with world.store.reading() as session:
        rows = (await session.exec(select(OutboxRow))).all()
    producer = await world.broker.producer()
    await producer.publish([Outgoing(row.topic, row.partition, row.key.encode(), row.payload) for row in rows], 1.0)


async def rebuilt(world: World, folder: Path, clock: ManualClock) -> World:
    fresh = await emptied(world, folder, clock)
    await restore(fresh.context, world.broker, "log")
    return fresh


async def emptied(world: World, folder: Path, clock: ManualClock) -> World:
    """The same log with a new, empty database, every other process stopped."""
    await world.stop()
    fresh = await open_world(f"sqlite+aiosqlite:///{folder / 'fresh.sqlite'}", clock, folder)
    await fresh.stop()
    for loop_table in ("catalog_entry", "fence", "outbox"):
        async with fresh.store.transaction() as session:
            await session.run_sync(lambda s, name=loop_table: s.connection().exec_driver_sql(f"DELETE FROM {name}"))
    fresh.broker = world.broker
    fresh.told = 0
    await require_empty(fresh.store)
    return fresh


async def test_a_rebuilt_database_publishes_only_differences(world: World, tmp_path: Path, clock: ManualClock) -> None:
    await world.opening()
    await world.learner("ann")
    await world.learner("bob")
    await world.learner("cid")
    await world.settle()
    await world.learner("bob", seeking=False)
    await world.settle()
    await publish_outbox(world)
    await world.learner("cid", seeking=False)  # said after matching's last word
    fresh = await rebuilt(world, tmp_path, clock)
    await fresh.events()
    await fresh.start("rebuilt")
    assert await fresh.news() == [("withdrawn", "job", "cid", "learner_unavailable")]
    await fresh.store.close()


async def test_versions_continue_where_the_lost_database_stopped(world: World, tmp_path: Path, clock: ManualClock) -> None:
    await world.opening()
    for seeking in (True, False, True, False):
        await world.learner("ann", seeking=seeking)
        await world.settle()
    await publish_outbox(world)
    fresh = await rebuilt(world, tmp_path, clock)
    async with fresh.store.reading() as session:
        [ended] = (await session.exec(select(MatchRow))).all()
    assert (ended.live, ended.version, ended.ended_on) == (False, 4, clock.today())
    await fresh.events()
    await fresh.start("rebuilt")
    await fresh.settle()
    fresh.versions = dict(world.versions)
    await fresh.learner("ann", seeking=True)
    await fresh.settle()
    assert [event.version for event in await fresh.events() if "Match" in event.type] == [5]
    await fresh.store.close()


async def test_a_database_that_is_not_empty_is_not_rebuilt(world: World) -> None:
    await world.opening()
    await world.settle()
    with pytest.raises(OperatorError, match="not empty"):
        await require_empty(world.store)


async def test_a_rebuilt_database_publishes_only_pathways_that_differ(world: World, tmp_path: Path, clock: ManualClock) -> None:
    await world.opening()
    for name in ("ann", "bob", "cid"):
        await world.learner(name, award(CREDENTIALS[1], award_id=f"{name}-award"))
    await world.settle()
    await world.gone("cid", "LearnerErased")
    await world.settle()
    await publish_outbox(world)
    await world.gone("bob", "LearnerWithdrawn")  # said after matching's last word
    fresh = await rebuilt(world, tmp_path, clock)
    await fresh.events()
    await fresh.start("rebuilt")
    await fresh.settle()
    told = [(event.type, event.subject, event.version) for event in await fresh.events()]
    assert told == [("matching.PathwayEnded", "bob", 2)]
    await fresh.store.close()


async def test_a_policy_that_was_lost_is_asked_for_before_anything_is_evaluated_by_another(
    world: World, tmp_path: Path, clock: ManualClock
) -> None:
    await world.opening()
    await world.learner("ann")
    async with world.store.transaction() as session:
        await restore_policy(session, clock, Policy(version=2, weight_evidence=60), "tests")
    await world.settle()
    await world.learner("bob")
    await world.settle()
    await publish_outbox(world)
    fresh = await emptied(world, tmp_path, clock)
    with pytest.raises(OperatorError, match="makersync policy restore FILE --version 2"):
        await restore(fresh.context, world.broker, "log")
    assert await require_empty(fresh.store) is None
    async with fresh.store.transaction() as session:
        await restore_policy(session, clock, Policy(version=2, weight_evidence=60), "tests")
    await restore(fresh.context, world.broker, "log")
    await fresh.events()
    await fresh.start("rebuilt")
    assert await fresh.news() == []
    async with fresh.store.reading() as session:
        assert (await live_policy(session)).weight_evidence == 60
    await fresh.store.close()


async def test_an_older_database_is_rewritten_in_place_and_publishes_nothing_twice(world: World) -> None:
    await world.opening()
    await world.learner("ann")
    await world.learner("bob")
    await world.settle()
    await publish_outbox(world)
    earlier = await dump(world.store, world.definition)
    for seeking in (False, True, False):
        await world.learner("ann", seeking=seeking)
        await world.settle()
    await world.learner("cid")
    await world.settle()
    await publish_outbox(world)
    await world.stop()
    await take_back(world.store, world.definition, earlier)
    await world.learner("bob", seeking=False)
    await restore(world.context, world.broker, "log")
    await world.events()
    await world.start("restored")
    assert await world.news() == [("withdrawn", "job", "bob", "learner_unavailable")]
    await publish_outbox(world)
    assert await versions_with_two_events(world) == []


async def test_owners_of_a_rewritten_database_are_fenced_out(world: World) -> None:
    await world.opening()
    await world.settle()
    await publish_outbox(world)
    async with world.store.reading() as session:
        before = {(row.consumer, row.partition): row.epoch for row in (await session.exec(select(FenceRow))).all()}
    await restore(world.context, world.broker, "log")
    async with world.store.reading() as session:
        after = {(row.consumer, row.partition): row.epoch for row in (await session.exec(select(FenceRow))).all()}
    assert before and all(after[held] > epoch for held, epoch in before.items())


@pytest.mark.parametrize("last", [None, b"garbage", "foreign"])
async def test_every_live_subject_is_known_whatever_came_last_under_its_key(
    world: World, tmp_path: Path, clock: ManualClock, last: bytes | str | None
) -> None:
    stale = await world.opening()
    await world.opening(positions=2)
    await world.learner("ann")
    await world.settle()
    await publish_outbox(world)
    await world.opening_again(stale)
    for topic, key in ((OPENING, f"{REGION}/job"), (LEARNER, f"{REGION}/ann"), (CANDIDATE_MATCH, f"{REGION}/job/ann")):
        await world.put(topic, key, unreadable_event(topic, key, 2**53) if isinstance(last, str) else last)
    fresh = await rebuilt(world, tmp_path, clock)
    await fresh.events()
    await fresh.start("rebuilt")
    fresh.versions = dict(world.versions)
    assert await fresh.news() == []
    await fresh.learner("ann", seeking=False)
    await fresh.settle()
    [event] = [event for event in await fresh.events() if "Match" in event.type]
    assert (event.type, event.version) == ("matching.MatchWithdrawn", 2**53 + 2 if last == "foreign" else 2)
    async with fresh.store.reading() as session:
        letters = (await session.exec(select(DeadLetterRow))).all()
    assert len(letters) == 2
    await fresh.store.close()


async def test_a_version_of_a_pair_that_carries_two_events_ends_with_one_above_both(world: World) -> None:
    await world.opening()
    await world.learner("ann")
    await world.settle()
    await publish_outbox(world)
    earlier = await dump(world.store, world.definition)
    await world.learner("ann", seeking=False)
    await world.settle()
    await publish_outbox(world)
    await world.stop()
    await take_back(world.store, world.definition, earlier)
    await world.start("older")
    await world.learner("ann", seeking=True)
    await world.learner("ann", seeking=False)
    await world.settle()
    await publish_outbox(world)
    assert await versions_with_two_events(world) == [(f"{REGION}/job/ann", 2)]
    await restore(world.context, world.broker, "log")
    await publish_outbox(world)
    log = await read_log(world.broker, own_readers([CANDIDATE_MATCH]), world.context.settings.partitions)
    assert [(told.version, told.is_sound) for told in log.keys.values()] == [(3, True)]


async def versions_with_two_events(world: World) -> list[tuple[str, int]]:
    found: dict[tuple[str, int], set[str]] = {}
    tail = await world.broker.tail([CANDIDATE_MATCH.name])
    for records in (await tail.fetch(10_000, 0.01)).values():
        for record in records:
            event = decode(record.value)
            found.setdefault(((record.key or b"").decode(), event.version), set()).add(event.id)
    await tail.close()
    return sorted(key for key, ids in found.items() if len(ids) > 1)


async def test_a_rebuilt_database_answers_no_draft_twice_and_tells_only_counts_that_differ(
    world: World, tmp_path: Path, clock: ManualClock
) -> None:
    """Guards what was told of questions and of openings: it is known from the topics, and what was asked since is not."""
    await world.opening()
    await world.opening("closing")
    await world.draft("answered")
    await world.draft("ended")
    await world.settle()
    await world.draft_ends("ended")
    await world.settle()
    await publish_outbox(world)
    await world.draft("asked-since")
    await world.opening("closing", "OpeningClosed", status="closed")
    fresh = await rebuilt(world, tmp_path, clock)
    await fresh.events()
    await fresh.start("rebuilt")
    await fresh.settle()
    told = {(event.type, event.subject, event.version) for event in await fresh.events()}
    assert told == {("matching.ReachCounted", "asked-since", 1), ("matching.ReachEnded", "closing", 2)}
    fresh.versions = dict(world.versions)
    await fresh.draft("ended")
    await fresh.settle()
    assert [(event.subject, event.version, event.data["subject_version"]) for event in await fresh.events()] == [
        ("ended", 3, 3)
    ]
    await fresh.store.close()

"""DESIGN, exactly-once effects, 10: a store that is behind its own topics is detected and reported, and publishes nothing
more."""

import asyncio
import json
from dataclasses import replace

import orjson
import pytest

from makersync.broker.memory import MemoryBroker
from makersync.broker.port import Outgoing
from makersync.effects import comparison
from makersync.effects.agreement import BEHIND_LOG, newest_outbox, noted
from makersync.effects.auditor import Auditor
from makersync.effects.comparison import compare
from makersync.effects.divergence import Divergence, find_divergences
from makersync.effects.log_identity import start_over
from makersync.effects.publisher import Publisher, PublisherPace
from makersync.effects.reconciling import adopt
from makersync.effects.refused_events import Refusal, set_aside
from makersync.effects.relay import Relay
from makersync.envelope import encode_sequence
from makersync.runtime.store_agreement import StoreAgreement
from makersync.store.tables import OutboxRow
from makersync.store.upserts import insert_rows
from tests.servers.waiting import wait_for

from .test_auditor import census
from .toy_stores import dump, restore
from .toy_world import TTL_S, World, drain
from .toys import (
    ANN,
    BOB,
    EVE,
    LEFT,
    LEFT_HALF,
    PAIR,
    PARTITIONS,
    REGIONS,
    RIGHT,
    RIGHT_HALF,
    at,
    half_event,
    outgoing,
    own_topics,
    pass_time,
    toy_outbox,
)

OWN = own_topics("toys", LEFT, RIGHT, PAIR, when_lost="Run `makersync rebuild`")
FOREIGN = 2**53


@pytest.fixture
async def relay(world: World) -> Relay:
    return await world.relay()


async def tell(world: World, relay: Relay, key: str, count: int, side: str = LEFT_HALF) -> None:
    for value in range(count):
        await world.halves.set(side, key, value)
    await relay.publish_batch(100)


async def compared(world: World) -> int:
    return await compare(world.owner(), world.broker, OWN)


async def ahead(world: World) -> list[tuple[str, int]]:
    async with world.store.reading() as session:
        return [(row.key, row.version) for row in await noted(session)]


async def go_above(world: World, key: str, version: int) -> None:
    """Does what a reconciliation does."""
    async with world.store.transaction() as session:
        await toy_outbox("halves", world.clock).record(session, [half_event(LEFT_HALF, key, version, 1)])


async def test_a_store_that_has_what_was_published_agrees(world: World, relay: Relay) -> None:
    """Guards: no false alarm over pruned versions, unpublished events, or events in the log that are not marked yet."""
    await tell(world, relay, ANN, 5)
    await tell(world, relay, BOB, 1, RIGHT_HALF)
    await world.halves.set(LEFT_HALF, ANN, 9)
    async with world.store.reading() as session:
        payload = (await session.get_one(OutboxRow, await newest_outbox(session))).payload
    world.write(Outgoing(LEFT.name, 0, ANN.encode(), payload), world.twin(LEFT, ANN, 2))
    assert await compared(world) == 0
    assert await world.conditions() == []


async def test_a_refused_event_belongs_to_the_store(world: World, relay: Relay) -> None:
    """Guards: an event whose first attempt was written without an acknowledgement, and whose repetition was refused. It was
    also the newest outbox row, and the store must not seem older without it."""
    auditor = Auditor(world.owner(), world.broker, OWN)
    await tell(world, relay, ANN, 3)
    await auditor.step(0.0)
    async with world.store.transaction() as session:
        row = await session.get_one(OutboxRow, await newest_outbox(session))
        await set_aside(session, world.clock, "toys", [Refusal(row, "too large")])
        assert await newest_outbox(session) == row.id
    world.write(Outgoing(LEFT.name, 0, ANN.encode(), row.payload))
    await auditor.step(0.0)
    assert await compared(world) == 0
    assert await ahead(world) == []


async def test_the_next_start_reads_only_new_records(world: World, relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: the marks. A start must not read ten million records again."""
    await tell(world, relay, ANN, 3)
    assert await compared(world) == 0
    await tell(world, relay, ANN, 2)
    read: list[int] = []
    read_records = comparison.own_records
    monkeypatch.setattr(
        comparison, "own_records", lambda records, counts: read.append(len(records)) or read_records(records, counts)
    )
    assert await compared(world) == 0
    assert await compared(world) == 0
    assert sum(read) == 2


async def test_a_store_that_was_restored_says_which_keys_are_older_than_in_the_log(world: World, relay: Relay) -> None:
    await tell(world, relay, ANN, 2)
    await compared(world)
    backup = await dump(world.store)
    await tell(world, relay, ANN, 3)
    await tell(world, relay, EVE, 1)
    await compared(world)
    await restore(world.store, backup)
    assert await compared(world) == 2
    [condition] = await world.conditions()
    assert (condition.name, condition.stops_writes) == (BEHIND_LOG, True)
    assert f"in 2 keys: of {EVE} {LEFT.name} holds version 1, the database version 0" in condition.problem
    assert await ahead(world) == [(EVE, 1), (ANN, 5)]
    assert condition.remedy == "Run `makersync reconcile toys`"


async def test_a_lost_store_names_the_command_that_restores_it(world: World, relay: Relay) -> None:
    await tell(world, relay, ANN, 2)
    await compared(world)
    await restore(world.store, {})
    assert await compared(world) == 1
    [condition] = await world.conditions()
    assert "was lost" in condition.problem
    assert condition.remedy == "Run `makersync rebuild`"


async def test_a_store_older_than_its_marks_is_compared_with_the_whole_log(world: World, relay: Relay) -> None:
    """Guards: tables that were restored one by one, without the marks."""
    await tell(world, relay, ANN, 2)
    backup = await dump(world.store)
    await tell(world, relay, ANN, 1)
    await compared(world)
    now = await dump(world.store)
    await restore(world.store, now | {"outbox": backup["outbox"]})
    assert await compared(world) == 1


async def test_a_restored_store_that_continued_has_another_event_at_the_same_version(world: World, relay: Relay) -> None:
    """Guards: the versions are equal, but readers keep the event that they applied first."""
    await tell(world, relay, ANN, 2)
    backup = await dump(world.store)
    await tell(world, relay, ANN, 1)
    await restore(world.store, backup)
    await world.halves.set(LEFT_HALF, ANN, 7)
    assert await compared(world) == 1
    [condition] = await world.conditions()
    assert "holds another event of version 3, the database version 3" in condition.problem


async def test_a_store_that_is_behind_publishes_nothing_until_it_has_passed_the_log(world: World, relay: Relay) -> None:
    """Guards: thousands of versions with two events each. Once the store has passed the log, publishing resumes by itself."""
    await tell(world, relay, ANN, 2)
    backup = await dump(world.store)
    await tell(world, relay, ANN, 1)
    await restore(world.store, backup)
    await compared(world)
    relay = await world.relay()
    await world.halves.set(LEFT_HALF, BOB, 1)
    assert await relay.publish_batch(100) == 0
    await go_above(world, ANN, 4)
    assert await compared(world) == 0
    assert await world.conditions() == []
    assert await relay.publish_batch(100) == 2
    assert world.versions(LEFT, ANN) == [1, 2, 3, 4]


async def test_a_store_that_adopted_the_logs_event_agrees(world: World, relay: Relay) -> None:
    await tell(world, relay, ANN, 2)
    backup = await dump(world.store)
    await tell(world, relay, ANN, 1)
    newest = (await dump(world.store))["outbox"][-1]
    await restore(world.store, backup)
    assert await compared(world) == 1
    async with world.store.transaction() as session:
        await insert_rows(session, OutboxRow, [newest])
    assert await compared(world) == 0
    assert await world.conditions() == []


async def test_a_record_with_an_impossible_version_is_covered_by_the_newest_event(world: World, relay: Relay) -> None:
    """Guards: a foreign version of 2^63 - 1, which could not be reconciled in either way. No reader applies it, so the newest
    event covers it."""
    await tell(world, relay, ANN, 2)
    event = outgoing(LEFT_HALF, ANN, 3)
    last = event.value.replace(encode_sequence(3).encode(), encode_sequence(2**63 - 1).encode())
    world.write(replace(event, value=last))
    assert await compared(world) == 0
    assert (await find_divergences(world.store, world.broker, [LEFT, RIGHT, PAIR], PARTITIONS)).cases == ()
    assert await census(Auditor(world.owner(), world.broker, OWN)) == 1
    assert await world.waiting() == [(ANN, 2)]


async def test_added_partitions_hide_no_record_that_is_ahead(world: World, relay: Relay) -> None:
    """Guards: every key seemed to be misplaced, so nothing was compared and the marks moved past it."""
    await tell(world, relay, ANN, 2)
    backup = await dump(world.store)
    await tell(world, relay, ANN, 1)
    await restore(world.store, backup)
    world.broker.add_partitions(LEFT.name, 2 * PARTITIONS + 1)
    [case] = (await find_divergences(world.store, world.broker, [LEFT, RIGHT, PAIR], PARTITIONS)).cases
    assert (case.difference, case.floor) == (Divergence.LOG_NEWER, 3)
    assert await compared(world) == 1


async def test_a_store_that_adopted_a_foreign_encoding_agrees(world: World, relay: Relay) -> None:
    """Guards: a script's event with spaces and in another order of fields. It was reconciled and still reported as ahead."""
    await tell(world, relay, ANN, 2)
    event = orjson.loads(outgoing(LEFT_HALF, ANN, 7).value)
    spelled = json.dumps(dict(sorted(event.items()))).encode()
    world.write(Outgoing(LEFT.name, 0, ANN.encode(), spelled))
    assert await compared(world) == 1
    [case] = (await find_divergences(world.store, world.broker, [LEFT, RIGHT, PAIR], PARTITIONS)).cases
    async with world.store.transaction() as session:
        await adopt(session, world.clock, case)
    assert await compared(world) == 0
    assert await world.conditions() == []


async def test_a_new_leader_compares_store_and_log_before_it_publishes(world: World, relay: Relay) -> None:
    """Guards: a database that was restored while it was away, under processes that had compared the earlier one."""
    await tell(world, relay, ANN, 2)
    await compared(world)
    backup = await dump(world.store)
    await tell(world, relay, ANN, 3)
    await relay.resign()
    await restore(world.store, backup)
    await world.halves.set(LEFT_HALF, ANN, 9)
    await world.pass_lease_time(TTL_S)
    part, stop = Publisher(OWN, world.broker, world.owner(), PublisherPace(poll_s=0.02, lease_ttl_s=0.6)), asyncio.Event()
    running = asyncio.create_task(part.run(stop))
    await wait_for(lambda: _is_behind(world))
    stop.set()
    await running
    assert world.versions(LEFT, ANN) == [1, 2, 3, 4, 5]


async def _is_behind(world: World) -> bool:
    return [each.name for each in await world.conditions()] == [BEHIND_LOG]


async def test_more_keys_than_can_be_noted_are_reported_and_not_marked_as_compared(
    world: World, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: the marks do not move if not everything was compared."""
    monkeypatch.setattr(comparison, "FETCH", 2)
    monkeypatch.setattr(comparison, "MOST_NOTED", 2)
    monkeypatch.setattr("makersync.effects.agreement.MOST_NOTED", 2)
    keys = [f"{REGIONS[0]}/{name}" for name in "abcdef"]
    for key in keys:
        await tell(world, relay, key, 1)
    await restore(world.store, {})
    assert await compared(world) == 2
    [condition] = await world.conditions()
    assert "at least 2 keys" in condition.problem
    for key in keys[:2]:
        await go_above(world, key, 2)
    assert await compared(world) == 2


async def test_a_new_log_is_compared_from_its_beginning(world: World, relay: Relay) -> None:
    await tell(world, relay, ANN, 2)
    await compared(world)
    async with world.store.transaction() as session:
        await start_over(session)
    world.write(outgoing(LEFT_HALF, BOB, 1))
    world.broker.drop_before(at(LEFT_HALF, 0), 1)
    assert await compared(world) == 1


async def test_a_restore_under_a_running_service_is_detected_at_once(world: World, relay: Relay) -> None:
    auditor = Auditor(world.owner(), world.broker, OWN)
    await tell(world, relay, ANN, 2)
    await auditor.step(0.0)
    backup = await dump(world.store)
    await tell(world, relay, ANN, 3)
    await auditor.step(0.0)
    await restore(world.store, backup)
    await auditor.step(0.0)
    assert await ahead(world) == [(ANN, 5)]
    assert [each.name for each in await world.conditions()] == [BEHIND_LOG]


async def test_the_census_finds_keys_that_only_the_log_has_and_lifts_the_condition_when_they_agree(
    world: World, relay: Relay
) -> None:
    """Guards: a restored store that has written so many events since that its outbox does not look older."""
    auditor = Auditor(world.owner(), world.broker, OWN)
    await tell(world, relay, BOB, 1)
    backup = await dump(world.store)
    await tell(world, relay, ANN, 1)
    await tell(world, relay, BOB, 1)
    await census(auditor)
    await restore(world.store, backup)
    for number in range(4):
        await world.halves.set(RIGHT_HALF, EVE, number)
    assert await census(auditor) == 0
    assert sorted(await ahead(world)) == [(BOB, 2), (ANN, 1)]
    await go_above(world, ANN, 2)
    await census(auditor)
    assert await ahead(world) == [(BOB, 2)]
    await go_above(world, BOB, 3)
    await census(auditor)
    assert (await ahead(world), await world.conditions()) == ([], [])


@pytest.mark.parametrize("foreign", [4, FOREIGN, 3])
async def test_a_foreign_version_is_covered_and_raises_an_alarm(world: World, relay: Relay, foreign: int) -> None:
    """Guards: readers keep the foreign version as the newest and ignore the service's events until their versions are above it.
    Version 3 is one that the service published too, with another event."""
    auditor = Auditor(world.owner(), world.broker, OWN)
    await tell(world, relay, ANN, 3)
    await census(auditor)
    world.write(outgoing(LEFT_HALF, ANN, foreign))
    await world.halves.set(LEFT_HALF, BOB, 1)
    for _ in range(3):
        await census(auditor)
        await relay.publish_batch(100)
    assert world.versions(LEFT, ANN) == [1, 2, 3, foreign, 3]
    assert await world.waiting() == [(BOB, 1)]
    [condition] = await world.conditions()
    assert (condition.name, condition.remedy) == (BEHIND_LOG, "Run `makersync reconcile toys`")
    # Compaction removes the foreign record; the store must still remember it.
    world.broker.drop_before(at(LEFT_HALF, 0), 4)
    await compared(world)
    await census(auditor)
    assert await ahead(world) == [(ANN, foreign)]
    await go_above(world, ANN, foreign + 1)
    await census(auditor)
    assert await world.conditions() == []
    await relay.publish_batch(100)
    assert world.versions(LEFT, ANN)[-1] == foreign + 1


async def test_the_next_auditor_covers_what_the_last_one_left_uncovered(
    world: World, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Auditor(world.owner(), world.broker, OWN)
    await tell(world, relay, ANN, 3)
    await census(first)
    world.write(outgoing(LEFT_HALF, ANN, FOREIGN))
    with monkeypatch.context() as patched:
        patched.setattr(Auditor, "_cover", lambda *_: None)
        await first.step(0.0)
    second = Auditor(world.owner(), world.broker, OWN)
    await census(second)
    await relay.publish_batch(100)
    assert world.versions(LEFT, ANN) == [1, 2, 3, FOREIGN, 3]
    assert second.mended == 1


async def test_a_foreign_version_written_while_no_auditor_ran_raises_an_alarm(world: World, relay: Relay) -> None:
    """Guards: it cannot be distinguished from a version that a restored store has lost, so it is not covered before an operator
    has decided."""
    await tell(world, relay, ANN, 3)
    world.write(outgoing(LEFT_HALF, ANN, FOREIGN))
    assert await compared(world) == 1
    auditor = Auditor(world.owner(), world.broker, OWN)
    for _ in range(2):
        await census(auditor)
        await relay.publish_batch(100)
    assert world.versions(LEFT, ANN) == [1, 2, 3, FOREIGN]
    await go_above(world, ANN, FOREIGN + 1)
    await census(auditor)
    await relay.publish_batch(100)
    assert world.versions(LEFT, ANN)[-1] == FOREIGN + 1


async def test_the_auditor_marks_how_far_it_has_compared(world: World, relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    auditor = Auditor(world.owner(), world.broker, OWN)
    await tell(world, relay, ANN, 3)
    await auditor.step(0.0)
    await tell(world, relay, ANN, 3)
    pass_time(world.clock, 6.0)
    await auditor.step(0.0)

    def refuse(*_: object) -> None:
        raise AssertionError("nothing is to be read")

    monkeypatch.setattr(MemoryBroker, "tail", refuse)
    assert await compared(world) == 0


async def test_every_process_shows_how_many_keys_are_ahead_of_the_store(world: World, relay: Relay) -> None:
    """Guards: a gauge that only the process that found the keys set, and that no other process could reset."""
    await tell(world, relay, ANN, 2)
    bystander = world.owner("two")
    agreement, counted = StoreAgreement(bystander, OWN), bystander.metrics.keys_ahead_of_store
    world.write(outgoing(LEFT_HALF, ANN, FOREIGN), outgoing(LEFT_HALF, BOB, 1))
    assert await compared(world) == 2
    await agreement.look()
    assert (counted._value.get(), agreement.holds_back) == (2, True)
    for key, version in ((ANN, FOREIGN + 1), (BOB, 2)):
        await go_above(world, key, version)
    assert await compared(world) == 0
    await agreement.look()
    assert counted._value.get() == 0


async def test_a_publishing_consumer_holds_no_partition_while_the_store_is_behind(sqlite_world: World) -> None:
    """Guards: a market that continues without its own history. Its state is loaded again afterwards."""
    rests = False
    loop = sqlite_world.loop(rests=lambda: rests)
    sqlite_world.write(outgoing(LEFT_HALF, ANN, 1))
    await drain(loop)
    assert sorted(loop.held) == [0, 1, 2, 3]
    rests = True
    sqlite_world.write(outgoing(LEFT_HALF, ANN, 2))
    assert (await drain(loop), dict(loop.held)) == (0, {})
    rests = False
    assert await drain(loop) == 1

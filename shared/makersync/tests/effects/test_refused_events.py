"""DESIGN, exactly-once effects, 1: an event that the broker refuses is set aside, reported, and tried again on request."""

from sqlmodel import col, select

from makersync.broker.port import Outgoing
from makersync.effects.refused_events import refused_up_to, try_again
from makersync.store.tables import RefusedEventRow

from .toy_world import World
from .toys import ANN, BOB, LEFT, LEFT_HALF, RIGHT, RIGHT_HALF, half_event, last_of_each_key, toy_outbox


def large(record: Outgoing) -> str | None:
    return "MessageSizeTooLargeError" if b'"value":666' in record.value else None


async def test_a_refused_event_is_set_aside_and_the_others_are_published(world: World) -> None:
    """Guards: one event that is too large stops nothing and delays nothing, not even later versions of its own key."""
    world.broker.refusal = large
    for value in (1, 666, 3):
        await world.halves.set(LEFT_HALF, ANN, value)
        await world.halves.set(LEFT_HALF, BOB, value)
    await world.halves.set(RIGHT_HALF, BOB, 666)
    relay = await world.relay()
    assert [await relay.publish_batch(10), await relay.publish_batch(10)] == [7, 0]
    assert last_of_each_key(world.broker.records(LEFT.name)) == {ANN: 3, BOB: 3}
    assert await world.waiting() == []
    assert await _refused(world) == [(LEFT.name, ANN, 2), (LEFT.name, BOB, 2), (RIGHT.name, BOB, 1)]
    async with world.store.reading() as session:
        assert [await refused_up_to(session, most) for most in (1, 2, 9)] == [1, 2, 3]


async def test_a_refused_event_is_reported_until_a_newer_one_of_its_key_is_published(world: World) -> None:
    """Guards: the alarm names topic, key, version, reason and remedy, and ends by itself."""
    world.broker.refusal, relay = large, await world.relay()
    await world.halves.set(LEFT_HALF, ANN, 666)
    await relay.publish_batch(10)
    assert await relay.forget_superseded() == 0
    (told,) = await world.conditions()
    assert (told.name, told.stops_writes) == ("refused_event", False)
    assert f"halves.left.v1 key {ANN} version 1 (MessageSizeTooLargeError" in told.problem
    assert "makersync republish toys --refused" in told.remedy
    await world.halves.set(LEFT_HALF, ANN, 1)
    await relay.publish_batch(10)
    assert await relay.forget_superseded() == 1
    assert (await world.conditions(), await _refused(world)) == ([], [])


async def test_a_refused_event_is_tried_again_when_an_operator_asks(world: World) -> None:
    """Guards: nothing is lost. If a newer version has been published since, there is nothing to try."""
    world.broker.refusal, relay = large, await world.relay()
    for side, key in ((LEFT_HALF, ANN), (LEFT_HALF, BOB)):
        await world.halves.set(side, key, 666)
    await relay.publish_batch(10)
    await world.halves.set(LEFT_HALF, BOB, 1)
    await relay.publish_batch(10)
    world.broker.refusal = lambda _record: None
    async with world.store.transaction() as session:
        assert await try_again(session, world.clock, "toys") == 1
    assert (await world.conditions(), await world.waiting()) == ([], [(ANN, 1)])
    await relay.publish_batch(10)
    assert last_of_each_key(world.broker.records(LEFT.name)) == {ANN: 1, BOB: 2}


async def test_one_refused_event_after_another_is_set_aside(world: World) -> None:
    """Guards: SQLite assigns the id of the refused row to the next event; the publisher ended at each start."""
    world.broker.refusal, relay = large, await world.relay()
    for key in (ANN, BOB, ANN):
        await world.halves.set(LEFT_HALF, key, 666)
        await relay.publish_batch(10)
    assert await _refused(world) == [(LEFT.name, ANN, 1), (LEFT.name, BOB, 1), (LEFT.name, ANN, 2)]


async def test_a_refused_event_is_not_tried_again_after_a_newer_one_that_waits(world: World) -> None:
    """Guards: published last, the old state would be kept by compaction, and no auditor could repair that."""
    world.broker.refusal, relay = large, await world.relay()
    await world.halves.set(LEFT_HALF, ANN, 666)
    await relay.publish_batch(10)
    await world.halves.set(LEFT_HALF, ANN, 1)
    async with world.store.transaction() as session:
        assert await try_again(session, world.clock, "toys") == 0
    assert (await world.waiting(), await _refused(world), await world.conditions()) == ([(ANN, 2)], [], [])


async def test_a_refused_event_whose_version_was_published_is_deleted(world: World) -> None:
    """Guards: a reconciliation that adopts the event from the log, where an attempt without acknowledgement had written it."""
    world.broker.refusal, relay = large, await world.relay()
    await world.halves.set(LEFT_HALF, ANN, 666)
    await relay.publish_batch(10)
    async with world.store.transaction() as session:
        await toy_outbox("halves", world.clock).record(session, [half_event(LEFT_HALF, ANN, 1, 666)])
    world.broker.refusal = lambda _record: None
    await relay.publish_batch(10)
    assert await relay.forget_superseded() == 1


async def _refused(world: World) -> list[tuple[str, str, int]]:
    async with world.store.reading() as session:
        columns = select(RefusedEventRow.topic, RefusedEventRow.key, RefusedEventRow.version)
        return [tuple(row) for row in (await session.exec(columns.order_by(col(RefusedEventRow.id)))).all()]

"""DESIGN, exactly-once effects, 1: state and event are written in one transaction."""

import asyncio

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from makersync.envelope import decode
from makersync.store.tables import OutboxRow
from makersync.tracing import Trace, traced

from .toy_services import pair_event
from .toy_stores import HalfRow
from .toy_world import World
from .toys import LEFT_HALF, REGIONS, PairState, envelope, half_event, toy_outbox

KEY = f"{REGIONS[0]}/ann"


class Crash(Exception):
    """Stands for anything that ends a unit of work."""


async def test_a_unit_of_work_that_fails_leaves_neither_state_nor_event(world: World) -> None:
    """Guards: `Outbox.record` writes only in the caller's transaction."""
    with pytest.raises(Crash):
        async with world.store.transaction() as session:
            await world.halves.set_within(session, LEFT_HALF, KEY, 1)
            raise Crash
    async with world.store.reading() as session:
        assert (await session.exec(select(HalfRow))).all() == []
    assert await world.waiting() == []


async def test_a_unit_of_work_that_is_cancelled_leaves_neither_state_nor_event(world: World) -> None:
    """Guards: the commit comes last, so that a cancelled request has done nothing."""
    written = asyncio.Event()

    async def request() -> None:
        async with world.store.transaction() as session:
            await world.halves.set_within(session, LEFT_HALF, KEY, 1)
            written.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(request())
    await written.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await world.waiting() == []
    assert await world.halves.set(LEFT_HALF, KEY, 2) == 1


async def test_a_unit_of_work_that_succeeds_leaves_both(world: World) -> None:
    assert await world.halves.set(LEFT_HALF, KEY, 1) == 1
    async with world.store.reading() as session:
        assert (await session.exec(select(HalfRow.version))).all() == [1]
    assert await world.waiting() == [(KEY, 1)]


async def test_the_relay_is_woken_by_commits_and_by_nothing_else(world: World) -> None:
    """Guards: the relay's waker rings after the commit, when the event is visible."""
    seen: list[str] = []
    world.store.after_commit(lambda: seen.append("commit"))
    with pytest.raises(Crash):
        async with world.store.transaction() as session:
            await world.halves.set_within(session, LEFT_HALF, KEY, 1)
            raise Crash
    async with world.store.reading():
        pass
    assert seen == []
    await world.halves.set(LEFT_HALF, KEY, 1)
    assert seen == ["commit"]


async def test_a_version_of_a_key_is_published_once(world: World) -> None:
    """Guards: the unique constraint behind 'a subject's version only grows'. Of two writers of one version the second fails."""
    await world.halves.set(LEFT_HALF, KEY, 1)
    with pytest.raises(IntegrityError):
        async with world.store.transaction() as session:
            await toy_outbox("halves", world.clock).record(session, [half_event(LEFT_HALF, KEY, 1, 9)])
    assert await world.waiting() == [(KEY, 1)]


async def test_an_event_carries_its_cause_and_the_time_at_which_the_chain_began(sqlite_world: World) -> None:
    cause = envelope(LEFT_HALF, KEY, 3)
    pair = {"key": KEY, "version": 1, "left": 1, "right": None}
    with traced(Trace("request-7")):
        async with sqlite_world.store.transaction() as session:
            await toy_outbox("pairs", sqlite_world.clock).record(session, [pair_event(pair, None)])
            pair["version"] = 2
            await toy_outbox("pairs", sqlite_world.clock).record(session, [pair_event(pair, cause)])
    async with sqlite_world.store.reading() as session:
        first, second = [decode(payload) for payload in (await session.exec(select(OutboxRow.payload))).all()]
    assert (first.correlationid, first.causationid, first.origintime) == ("request-7", None, None)
    assert (second.correlationid, second.causationid, second.origintime) == ("request-7", cause.id, cause.time)
    assert PairState.model_validate(second.data).left == 1


async def test_an_event_that_breaks_its_contract_raises_a_type_error(sqlite_world: World) -> None:
    event = half_event(LEFT_HALF, KEY, 1, None)
    wrong = type(event)(event.topic, "HalfSet", event.subject, event.region, 1, event.state)
    with pytest.raises(TypeError, match="carries HalfState, not HalfEnded"):
        async with sqlite_world.store.transaction() as session:
            await toy_outbox("halves", sqlite_world.clock).record(session, [wrong])

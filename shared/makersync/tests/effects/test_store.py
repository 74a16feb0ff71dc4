"""The unit of work: which faults pass, so that the same step is tried again, and which do not."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.store.database import DatabaseAway, Store
from makersync.store.engines import WrittenWhileReading
from makersync.store.upserts import upsert
from tests.servers.finding import free_port

from .toys import LEFT_HALF, HalfRow, World


def half(key: str, value: int) -> dict[str, object]:
    return {"side": LEFT_HALF, "key": key, "number": 0, "version": 1, "value": value}


async def put(session: AsyncSession, *rows: dict[str, object]) -> None:
    await upsert(session, HalfRow, rows, ["side", "key"])


async def keys(store: Store) -> list[str]:
    async with store.reading() as session:
        return list((await session.exec(select(HalfRow.key).order_by(HalfRow.key))).all())


async def test_many_rows_are_written_at_once(world: World) -> None:
    async with world.store.transaction() as session:
        await put(session, *[half(f"k{number:03}", number) for number in range(250)])
        await put(session)
    assert len(await keys(world.store)) == 250


async def test_of_rows_with_the_same_keys_the_later_counts_or_the_newer(world: World) -> None:
    """Guards: one statement may not change a row twice, and PostgreSQL refuses one that would."""
    newest = [half("k", 1) | {"version": 2}, half("k", 2), half("k", 3) | {"version": 2}]
    async with world.store.transaction() as session:
        await put(session, half("j", 1), half("j", 2))
        await upsert(session, HalfRow, newest, ["side", "key"], newer_by="version")
    async with world.store.reading() as session:
        rows = (await session.exec(select(HalfRow.key, HalfRow.value).order_by(HalfRow.key))).all()
    assert rows == [("j", 2), ("k", 1)]


async def test_nothing_is_written_while_reading(world: World) -> None:
    """Guards: a reader's statements are not undone at its end."""
    with pytest.raises(WrittenWhileReading, match="INSERT"):
        async with world.store.reading() as session:
            await put(session, half("k", 1))
    assert await keys(world.store) == []


async def test_a_snapshot_sees_one_moment(world: World) -> None:
    """Guards: what is exported as one market is of one moment."""
    async with world.store.snapshot() as session:
        before = (await session.exec(select(HalfRow.key))).all()
        async with world.store.transaction() as writing:
            await put(writing, half("k", 1))
        assert (await session.exec(select(HalfRow.key))).all() == before == []
    assert await keys(world.store) == ["k"]


async def test_a_rule_that_is_broken_is_no_passing_fault(world: World) -> None:
    """Guards: retried for ever, a bug would look like a database that is away."""
    with pytest.raises(IntegrityError):
        async with world.store.transaction() as session:
            for _ in range(2):
                session.add(HalfRow(side=LEFT_HALF, key="k", number=0, version=1))
                await session.flush()
                session.expunge_all()


async def test_writers_of_one_process_wait_for_each_other(world: World) -> None:
    async def write(number: int) -> None:
        async with world.store.transaction() as session:
            await put(session, half(f"k{number}", number))
            await asyncio.sleep(0)

    await asyncio.gather(*(write(number) for number in range(20)))
    assert len(await keys(world.store)) == 20


async def test_a_database_that_is_not_there_is_away() -> None:
    store = Store(f"postgresql+asyncpg://nobody:nothing@127.0.0.1:{free_port()}/none")
    with pytest.raises(DatabaseAway):
        await store.ping()
    await store.close()


@pytest.mark.cluster
async def test_a_connection_that_is_ended_is_a_passing_fault(postgres_world: World) -> None:
    """Guards: a restart of PostgreSQL, or an operator who ends a session: nothing was changed, and the next try works."""
    store = postgres_world.store
    with pytest.raises(DatabaseAway):
        async with store.transaction() as session:
            await put(session, half("k", 1))
            backend = (await session.connection()).execute(text("SELECT pg_backend_pid()"))
            await _terminate(store, int((await backend).scalar_one()))
            await put(session, half("k", 2))
    assert await keys(store) == []


async def _terminate(store: Store, backend: int) -> None:
    async with store.engine.connect() as connection:
        await connection.execute(text(f"SELECT pg_terminate_backend({backend})"))


@pytest.mark.cluster
async def test_a_deadlock_is_a_passing_fault(postgres_world: World) -> None:
    """Guards: PostgreSQL undoes one of the two; that one tries again. As a bug, it would halt a partition."""
    store, meeting = postgres_world.store, asyncio.Barrier(2)
    async with store.transaction() as session:
        await put(session, half("a", 0), half("b", 0))

    async def cross(first: str, second: str) -> None:
        async with store.transaction() as session:
            await put(session, half(first, 1))
            await meeting.wait()
            await put(session, half(second, 1))

    outcomes = await asyncio.gather(cross("a", "b"), cross("b", "a"), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if outcome is not None] == [DatabaseAway]
    await store.ping()

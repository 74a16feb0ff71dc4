"""The unit of work: which faults are temporary, so that the step is repeated, and which are not."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.store.database import DatabaseAway, Store
from makersync.store.engines import WrittenWhileReading
from makersync.store.upserts import insert_missing, upsert
from tests.servers.finding import free_port

from .toy_stores import HalfRow
from .toy_world import World
from .toys import LEFT_HALF


def half(key: str, value: int) -> dict[str, object]:
    return {"side": LEFT_HALF, "key": key, "number": 0, "version": 1, "value": value}


async def put(session: AsyncSession, *rows: dict[str, object]) -> None:
    await upsert(session, HalfRow, rows, ["side", "key"])


async def keys(store: Store) -> list[str]:
    async with store.reading() as session:
        return list((await session.exec(select(HalfRow.key).order_by(HalfRow.key))).all())


async def test_rows_that_are_there_stay_when_the_missing_ones_are_inserted(world: World) -> None:
    async with world.store.transaction() as session:
        await put(session, half("k1", 1))
        await insert_missing(session, HalfRow, [half("k1", 7), half("k2", 8)], ["side", "key"])
        await insert_missing(session, HalfRow, [], ["side", "key"])
    async with world.store.reading() as session:
        rows = (await session.exec(select(HalfRow).order_by(HalfRow.key))).all()
    assert [(row.key, row.value) for row in rows] == [("k1", 1), ("k2", 8)]


async def test_many_rows_are_written_at_once(world: World) -> None:
    async with world.store.transaction() as session:
        await put(session, *[half(f"k{number:03}", number) for number in range(250)])
        await put(session)
    assert len(await keys(world.store)) == 250


async def test_of_rows_with_the_same_keys_the_later_or_newer_is_stored(world: World) -> None:
    """Guards: a statement cannot change the same row twice; PostgreSQL refuses one that would."""
    newest = [half("k", 1) | {"version": 2}, half("k", 2), half("k", 3) | {"version": 2}]
    async with world.store.transaction() as session:
        await put(session, half("j", 1), half("j", 2))
        await upsert(session, HalfRow, newest, ["side", "key"], newer_by="version")
    async with world.store.reading() as session:
        rows = (await session.exec(select(HalfRow.key, HalfRow.value).order_by(HalfRow.key))).all()
    assert rows == [("j", 2), ("k", 1)]


async def test_a_read_only_session_refuses_writes(world: World) -> None:
    """Guards: a read-only session's statements are not rolled back at its end."""
    with pytest.raises(WrittenWhileReading, match="INSERT"):
        async with world.store.reading() as session:
            await put(session, half("k", 1))
    assert await keys(world.store) == []


async def test_a_cancelled_transaction_holds_nobody_back(world: World) -> None:
    """Guards: the error of the cancelled task kept its statement alive, and with it the write lock of a SQLite file."""
    counting = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) SELECT count(*) FROM n"

    async def work() -> None:
        async with world.store.transaction() as session:
            await put(session, half("k", 1))
            await session.exec(text(counting))

    task = asyncio.create_task(work())
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as cancelled:
        await task
    async with asyncio.timeout(10), world.store.transaction() as session:
        await put(session, half("j", 1))
    assert await keys(world.store) == ["j"]
    assert cancelled.traceback


async def test_all_statements_of_a_snapshot_see_the_same_data(world: World) -> None:
    """Guards: an exported market is one consistent snapshot."""
    async with world.store.snapshot() as session:
        before = (await session.exec(select(HalfRow.key))).all()
        async with world.store.transaction() as writing:
            await put(writing, half("k", 1))
        assert (await session.exec(select(HalfRow.key))).all() == before == []
    assert await keys(world.store) == ["k"]


async def test_a_violated_constraint_is_not_a_temporary_fault(world: World) -> None:
    """Guards: retried forever, a bug would look like a database that is away."""
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


async def test_an_unreachable_database_is_away() -> None:
    store = Store(f"postgresql+asyncpg://nobody:nothing@127.0.0.1:{free_port()}/none")
    with pytest.raises(DatabaseAway):
        await store.ping()
    await store.close()


@pytest.mark.cluster
async def test_a_terminated_connection_is_a_temporary_fault(postgres_world: World) -> None:
    """Guards: a restart of PostgreSQL, or an operator who ends a session: nothing was changed, and the next attempt works."""
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
async def test_a_deadlock_is_a_temporary_fault(postgres_world: World) -> None:
    """Guards: PostgreSQL rolls back one of the two transactions, which is repeated. Treated as a bug, it would halt a
    partition."""
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

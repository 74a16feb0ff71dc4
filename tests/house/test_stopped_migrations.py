"""Migrations that are stopped, or find their tables in use: what was done stays done, and the next run goes on."""

from collections.abc import AsyncIterator, Callable

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from makersync.errors import OperatorError
from makersync.store import migrations
from makersync.store.database import DatabaseAway, Store
from makersync.store.migrations import migrate

from .test_migrations import at_revision, run


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = Store(database_url)
    yield store
    await store.close()


async def revision(store: Store) -> str:
    [(found,)] = await run(store, "SELECT version_num FROM alembic_version")
    return str(found)


@pytest.mark.parametrize(("service", "before"), [("learners", "0025"), ("openings", "0016")])
@pytest.mark.cluster
async def test_an_index_whose_making_was_stopped_is_made_anew(
    new_database: Callable[[str], str], service: str, before: str
) -> None:
    """Guards: what is made beside running senders is made outside of a transaction, and may be left half done."""
    store = Store(new_database("half_done"))
    try:
        await at_revision(store, service, before)
        await run(store, "ALTER TABLE webhook_attempt ADD COLUMN number INTEGER")
        await run(store, "CREATE INDEX webhook_attempt_number ON webhook_attempt (number)")
        await migrate(store, service)
        [(made,)] = await run(store, "SELECT indexdef FROM pg_indexes WHERE indexname = 'webhook_attempt_number'")
        assert made.startswith("CREATE UNIQUE INDEX") and made.endswith("(delivery_id, number)")
        await at_revision(store, service, before, command.downgrade)
        await migrate(store, service)
    finally:
        await store.close()


async def test_the_next_run_goes_on_where_one_was_stopped(store: Store) -> None:
    """Guards: one transaction for all migrations would keep the tables of the first locked until the last is done."""
    await at_revision(store, "learners", "0025")
    await run(store, "CREATE TABLE signal_day (in_the_way INTEGER)")
    with pytest.raises((DBAPIError, DatabaseAway)):
        await migrate(store, "learners")
    assert await revision(store) == "0030"
    await run(store, "DROP TABLE signal_day")
    await migrate(store, "learners")
    assert await run(store, "SELECT * FROM signal_day") == []


@pytest.mark.cluster
async def test_a_table_that_is_in_use_ends_the_run_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, new_database: Callable[[str], str]
) -> None:
    """Guards: whoever waits for a table keeps all who come later from it."""
    monkeypatch.setattr(migrations, "LOCK_MS", 200)
    store = Store(new_database("in_use"))
    try:
        await at_revision(store, "learners", "0026")
        async with store.engine.connect() as exporting:
            await exporting.execute(text("SELECT * FROM person"))
            with pytest.raises(OperatorError, match=r"in use for 0\.2 seconds.*after revision 0027.*learners migrate"):
                await migrate(store, "learners")
        assert await revision(store) == "0027"
        await migrate(store, "learners")
        assert await run(store, "SELECT student_number FROM person") == []
        [(waits,)] = await run(store, "SHOW lock_timeout")
        assert waits == "0", "a connection of the pool waits as before"
    finally:
        await store.close()


@pytest.mark.cluster
async def test_only_one_migrates_at_a_time(new_database: Callable[[str], str]) -> None:
    """Guards: each of two would take the other's unfinished index for one that was left half done, and drop it."""
    url = new_database("two_migrate")
    first, second = Store(url), Store(url)
    try:
        async with first.engine.connect() as migrating:
            await migrating.execute(text(f"SELECT pg_advisory_lock({migrations._MIGRATES})"))
            with pytest.raises(OperatorError, match="openings is being migrated by another process"):
                await migrate(second, "openings")
        await first.close()
        await migrate(second, "openings")
        [(held,)] = await run(second, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
        assert held == 0, "a connection of the pool keeps the lock"
        await migrate(second, "openings")
    finally:
        await first.close()
        await second.close()

"""What is put aside comes back whole, whatever was written meanwhile."""

from pathlib import Path

from sqlalchemy import text

from makersync.effects.conditions import conditions
from makersync.store.database import Store
from openings.bootstrap import definition
from tests.servers.backups import bring_back, lose, put_aside

ROWS = "SELECT count(*) FROM audit"
WRITE = "INSERT INTO audit (at, actor, action, subject, detail) VALUES (CURRENT_TIMESTAMP, 'a', 'b', 'c', '{}')"


async def test_a_database_comes_back_as_it_was_and_goes_on(database_url: str, tmp_path: Path) -> None:
    assert await _counted(database_url, create=True) == 1
    await put_aside(database_url, "monday", tmp_path)
    assert await _counted(database_url) == 2
    await bring_back(database_url, "monday", tmp_path)
    assert await _counted(database_url) == 2
    await lose(database_url)
    assert await _counted(database_url) == 1


async def _counted(url: str, create: bool = False) -> int:
    """Write one more row; returns how many there are then."""
    store = Store(url)
    try:
        if create:
            async with store.engine.begin() as connection:
                for metadata in definition().metadata:
                    await connection.run_sync(metadata.create_all)
        async with store.transaction() as session:
            await session.exec(text(WRITE))  # type: ignore[call-overload]
        async with store.reading() as session:
            assert await conditions(session) == []
            return (await session.exec(text(ROWS))).scalar_one()  # type: ignore[call-overload]
    finally:
        await store.close()

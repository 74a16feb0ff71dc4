"""The tables of a test's database. Their statements are put together once, and not for every test."""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
from sqlalchemy import MetaData, create_mock_engine

from makersync.store.database import Store
from tests.servers.finding import run_apart


async def create_tables(store: Store, metadata: Iterable[MetaData]) -> None:
    """In a database that has none of them, or all. One on SQLite is a copy of a file that is made once."""
    every = tuple(metadata)
    if store.is_sqlite:
        file = Path(store.engine.url.database or "")
        if not file.exists() or not file.stat().st_size:
            file.write_bytes(_sqlite_file(every))
        return
    async with store.engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert isinstance(driver, asyncpg.Connection)
        if not await driver.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()"):
            await driver.execute(_script("postgresql", every))


def tables_of(metadata: Callable[[], Iterable[MetaData]]) -> Callable[[str], None]:
    """Fills an empty database of a suite with its tables."""

    async def fill(url: str) -> None:
        store = Store(url)
        await create_tables(store, metadata())
        await store.close()

    return lambda url: run_apart(partial(fill, url))


@cache
def _sqlite_file(metadata: tuple[MetaData, ...]) -> bytes:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "tables.db"
        with closing(sqlite3.connect(file)) as connection:
            # With the journal that the store would choose, since the database exists already when it connects.
            connection.executescript("PRAGMA journal_mode=WAL;\n" + _script("sqlite", metadata))
        return file.read_bytes()


@cache
def _script(dialect: str, metadata: tuple[MetaData, ...]) -> str:
    statements: list[str] = []

    def note(statement: Any, *_: Any, **__: Any) -> None:
        statements.append(str(statement.compile(dialect=engine.dialect)))

    engine = create_mock_engine(f"{dialect}://", note)
    for each in metadata:
        each.create_all(engine, checkfirst=False)
    return ";\n".join(["BEGIN", *statements, "COMMIT"])

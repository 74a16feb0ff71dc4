"""A service's database as it was at one moment, put aside, brought back or lost: what a restored dump is, on both kinds."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, MetaData, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

#: Where PostgreSQL keeps the copies: a schema that the service does not look into.
SCHEMA = "put_aside"


async def put_aside(url: str, name: str, folder: Path) -> None:
    """Copy the whole database under `name`, at one moment, while the service may run. `folder` is for files of SQLite."""
    if file := _sqlite_file(url):
        _copy(file, folder / f"{name}.backup")
        return
    engine = create_async_engine(url, isolation_level="REPEATABLE READ")
    async with engine.begin() as connection:
        await connection.execute(text(f"CREATE SCHEMA {_schema(name)}"))
        for table in await _tables(connection):
            await connection.execute(text(f'CREATE TABLE {_schema(name)}."{table}" AS TABLE public."{table}"'))
    await engine.dispose()


async def bring_back(url: str, name: str, folder: Path) -> None:
    """The database is again what it was when it was put aside. Its service must not run."""
    if file := _sqlite_file(url):
        _copy(folder / f"{name}.backup", file)
        return
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        tables = await _tables(connection)
        await connection.execute(text(f"TRUNCATE {', '.join(_public(table) for table in tables)} RESTART IDENTITY"))
        for table in tables:
            await connection.execute(text(f'INSERT INTO {_public(table)} SELECT * FROM {_schema(name)}."{table}"'))
        await _count_on(connection, tables)
    await engine.dispose()


async def lose(url: str) -> None:
    """Nothing is left but empty tables, as after a migration of a new database. The service must not run."""
    if file := _sqlite_file(url):
        with closing(sqlite3.connect(file)) as connection, connection:
            tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            connection.execute("PRAGMA foreign_keys = OFF")
            for table in tables:
                if table != "alembic_version" and not table.startswith("sqlite_"):
                    connection.execute(f'DELETE FROM "{table}"')
        return
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        tables = [table for table in await _tables(connection) if table != "alembic_version"]
        await connection.execute(text(f"TRUNCATE {', '.join(_public(table) for table in tables)} RESTART IDENTITY"))
    await engine.dispose()


def _sqlite_file(url: str) -> Path | None:
    parsed = make_url(url)
    return Path(str(parsed.database)) if parsed.get_backend_name() == "sqlite" else None


def _copy(source: Path, target: Path) -> None:
    """By SQLite's own backup, which takes what its write-ahead log holds along."""
    with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)


async def _tables(connection: AsyncConnection) -> list[str]:
    """Of the service's own schema; those that others refer to come first."""

    def names(sync: Connection) -> list[str]:
        metadata = MetaData()
        metadata.reflect(sync, schema="public")
        return [table.name for table in metadata.sorted_tables]

    return await connection.run_sync(names)


async def _count_on(connection: AsyncConnection, tables: list[str]) -> None:
    """Rows numbered by themselves go on after the newest, as a restore sets it."""
    numbered = "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = :table"
    for table in tables:
        for (column,) in await connection.execute(text(numbered), {"table": table}):
            sequence = text("SELECT pg_get_serial_sequence(:table, :column)")
            name = (await connection.execute(sequence, {"table": _public(table), "column": column})).scalar()
            if name:
                newest = f'SELECT setval(:name, (SELECT coalesce(max("{column}"), 0) + 1 FROM {_public(table)}), false)'
                await connection.execute(text(newest), {"name": name})


def _schema(name: str) -> str:
    return f'"{SCHEMA}_{name}"'


def _public(table: str) -> str:
    return f'public."{table}"'

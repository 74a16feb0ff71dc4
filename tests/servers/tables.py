"""The tables of a test's database. For SQLite their statements are put together once, and not for every test."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from functools import cache
from typing import Any

from sqlalchemy import MetaData, create_mock_engine

from makersync.store.database import Store


async def create_tables(store: Store, metadata: Iterable[MetaData]) -> None:
    """In a database that has none of them, or all."""
    every = tuple(metadata)
    if store.is_sqlite:
        with closing(sqlite3.connect(store.engine.url.database or "")) as connection:
            if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                connection.executescript(_script(every))
        return
    async with store.engine.begin() as connection:
        for each in every:
            await connection.run_sync(each.create_all)


@cache
def _script(metadata: tuple[MetaData, ...]) -> str:
    """With the journal that the store would choose, since the database exists already when it connects."""
    statements: list[str] = []

    def note(statement: Any, *_: Any, **__: Any) -> None:
        statements.append(str(statement.compile(dialect=engine.dialect)))

    engine = create_mock_engine("sqlite://", note)
    for each in metadata:
        each.create_all(engine, checkfirst=False)
    return ";\n".join(["PRAGMA journal_mode=WAL", "BEGIN", *statements, "COMMIT"])

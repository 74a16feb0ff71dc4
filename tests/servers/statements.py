"""Compiled statements are kept for all databases of one kind, as long as the tests run. Each test has a database and so an
engine of its own, and compiling the same statements for each of them takes a quarter of the time of such tests."""

from typing import Any

from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.dialects.sqlite.aiosqlite import SQLiteDialect_aiosqlite
from sqlalchemy.engine.base import Engine
from sqlalchemy.util import LRUCache

SIZE = 5000


def share_compiled_statements() -> None:
    """By all engines that are made from now on. Statements are found by their text and their dialect, and what mappers keep as
    well: so all dialects of one kind are made equal."""
    for kind in (SQLiteDialect_aiosqlite, PGDialect_asyncpg):
        patched: Any = kind
        patched.__eq__, patched.__hash__ = _of_one_kind, _hash_of_kind
    make: Any = Engine.__init__
    shared: LRUCache[Any, Any] = LRUCache(SIZE)

    def made(engine: Engine, *arguments: Any, **options: Any) -> None:
        make(engine, *arguments, **options)
        engine._compiled_cache = shared

    Engine.__init__ = made  # type: ignore[method-assign,assignment]


def _of_one_kind(one: object, other: object) -> bool:
    return type(one) is type(other)


def _hash_of_kind(dialect: object) -> int:
    return hash(type(dialect))

"""Inserts or replaces many rows in one statement."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Column, Dialect, Table, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel.ext.asyncio.session import AsyncSession

ROWS_AT_ONCE = 5000
Row = Mapping[str, Any]


async def insert_rows(session: AsyncSession, table: Any, rows: Sequence[Row]) -> None:
    """Insert new rows, in order. Rows have the form that `upsert` expects. Raises IntegrityError."""
    if not rows:
        return
    if _is_postgres(session):
        await _execute(session, _postgres_insert(table.__table__, tuple(rows[0])), table, rows)
    else:
        await session.exec(insert(table.__table__), params=list(rows))


async def insert_missing(session: AsyncSession, table: Any, rows: Sequence[Row], keys: Sequence[str]) -> None:
    """Insert those rows whose `keys` no row has, and leave the others as they are. Rows have the form that `upsert` expects."""
    if not rows:
        return
    if _is_postgres(session):
        statement = f"{_postgres_insert(table.__table__, tuple(rows[0]))} ON CONFLICT ({_listed(keys)}) DO NOTHING"
        await _execute(session, statement, table, rows)
    else:
        missing = sqlite.insert(table.__table__).on_conflict_do_nothing(index_elements=list(keys))
        await session.exec(missing, params=list(rows))


async def upsert(
    session: AsyncSession,
    table: Any,
    rows: Sequence[Row],
    keys: Sequence[str],
    newer_by: str | None = None,
) -> None:
    """Insert rows, or replace those with the same `keys`; with `newer_by`, only if that column's value is higher.

    Rows map column names to values; all rows have the same columns, including every column without a default in the schema.
    JSON that is encoded already is passed as `msgspec.Raw`. Of two rows with the same keys the later one is used, or with
    `newer_by` the newer.
    """
    if not rows:
        return
    rows, names = _one_per_key(rows, keys, newer_by), tuple(rows[0])
    if _is_postgres(session):
        statement = _postgres_insert(table.__table__, names) + _on_conflict(table.__table__, names, tuple(keys), newer_by)
        await _execute(session, statement, table, rows)
    else:
        await session.exec(_sqlite_upsert(table.__table__, names, keys, newer_by), params=rows)


def _one_per_key(rows: Sequence[Row], keys: Sequence[str], newer_by: str | None) -> list[Row]:
    """A statement cannot change the same row twice."""
    found: dict[tuple[Any, ...], Row] = {}
    key_of = itemgetter(*keys)
    for row in rows:
        known = found.get(key := key_of(row))
        if known is None or newer_by is None or row[newer_by] > known[newer_by]:
            found[key] = row
    return list(found.values())


def _is_postgres(session: AsyncSession) -> bool:
    return bool(session.get_bind().dialect.name == "postgresql")


async def _execute(session: AsyncSession, statement: str, table: Any, rows: Sequence[Row]) -> None:
    """Pass each column as one array parameter. Many rows are split over several statements, so that the transaction is never
    idle for long."""
    connection = await session.connection()
    columns, dialect = table.__table__.c, connection.dialect
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = rows[start : start + ROWS_AT_ONCE]
        await connection.exec_driver_sql(statement, tuple(_values(columns[name], dialect, part) for name in part[0]))


def _values(column: Column[Any], dialect: Dialect, rows: Sequence[Row]) -> list[Any]:
    process = column.type.dialect_impl(dialect).bind_processor(dialect)
    values = [row[column.name] for row in rows]
    return values if process is None else [process(value) for value in values]


@lru_cache(maxsize=256)
def _postgres_insert(table: Table, names: tuple[str, ...]) -> str:
    dialect: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    arrays = ", ".join(f"${n}::{table.c[name].type.compile(dialect)}[]" for n, name in enumerate(names, start=1))
    listed = _listed(names)
    into, given = f"INTO {_quoted(table.name)} ({listed})", f"WITH ORDINALITY AS given ({listed}, nth__) ORDER BY nth__"
    return " ".join(("INSERT", into, "SELECT", listed, f"FROM unnest({arrays})", given))


@lru_cache(maxsize=256)
def _on_conflict(table: Table, names: tuple[str, ...], keys: tuple[str, ...], newer_by: str | None) -> str:
    changed = ", ".join(f"{_quoted(name)} = excluded.{_quoted(name)}" for name in names if name not in keys)
    if not changed:
        return f" ON CONFLICT ({_listed(keys)}) DO NOTHING"
    newer = newer_by and f" WHERE excluded.{_quoted(newer_by)} > {_quoted(table.name)}.{_quoted(newer_by)}"
    return f" ON CONFLICT ({_listed(keys)}) DO UPDATE SET {changed}{newer or ''}"


def _sqlite_upsert(table: Table, names: Sequence[str], keys: Sequence[str], newer_by: str | None) -> Any:
    statement = sqlite.insert(table)
    changed = {name: statement.excluded[name] for name in names if name not in keys}
    if not changed:
        return statement.on_conflict_do_nothing(index_elements=list(keys))
    where = None if newer_by is None else statement.excluded[newer_by] > table.c[newer_by]
    return statement.on_conflict_do_update(index_elements=list(keys), set_=changed, where=where)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(_quoted, names))


def _quoted(name: str) -> str:
    return f'"{name}"'

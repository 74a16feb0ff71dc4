"""The database of one service: engine, sessions and the unit of work. The one module that commits."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from time import monotonic
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import Column, Dialect, Table, event, insert, literal
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.errors import OperatorError
from makersync.store.failures import DatabaseAway as DatabaseAway
from makersync.store.failures import named, refused_pooler

#: A transaction left open by a paused process is ended by PostgreSQL, so that it cannot hold its rows against a successor.
IDLE_IN_TRANSACTION_MS = 5_000
SQLITE_BUSY_MS = 30_000
#: How long after its last use a connection is taken to live. Where it does not, what was begun on it is undone and repeated.
TRUSTED_S = 1.0
ROWS_AT_ONCE = 5000
DRIVERS = ("sqlite+aiosqlite", "postgresql+asyncpg")
#: Every statement is a transaction of its own, which saves two round trips of three.
EACH_STATEMENT = {"isolation_level": "AUTOCOMMIT"}
ONE_MOMENT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
#: How statements begin that change nothing. SQLite's readers begin what they read in.
READS = ("SELECT", "BEGIN DEFERRED", "SET LOCAL")
Row = Mapping[str, Any]


class WrittenWhileReading(RuntimeError):
    """A session for reading was given something to write. Nothing was changed."""


class Store:
    """One service's database. `transaction` is the unit of work: all or nothing, then the wake-up calls."""

    def __init__(self, url: str, pool_size: int = 10) -> None:
        self._url = _known(url)
        self._engine = _engine(self._url, pool_size)
        self._reader = _reader(self._engine, {} if self.is_sqlite else EACH_STATEMENT)
        self._snapshots = _reader(self._engine, {} if self.is_sqlite else ONE_MOMENT)
        self._one_writer = asyncio.Lock() if self.is_sqlite else None
        self._after_commit: list[Callable[[], None]] = []

    @property
    def is_sqlite(self) -> bool:
        return self._url.get_backend_name() == "sqlite"

    @property
    def engine(self) -> AsyncEngine:
        return self._engine

    def after_commit(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Call `wake` after every committed transaction of this process (the relay's doorbell). Returns what ends that."""
        self._after_commit.append(wake)
        return lambda: self._after_commit.remove(wake)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session whose work is committed at the end, or undone by any exception.

        Raises DatabaseAway when the database is away or ended the transaction.
        """
        if self._one_writer is None:
            async with self._session(self._engine, write=True) as session:
                yield session
        else:
            async with self._one_writer, self._session(self._engine, write=True) as session:
                yield session
        for wake in tuple(self._after_commit):
            wake()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session for reading only; every statement sees what is committed when it begins. Raises WrittenWhileReading."""
        async with self._session(self._reader) as session:
            yield session

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """A session for reading only in which every statement sees the same moment. Raises WrittenWhileReading."""
        async with self._session(self._snapshots) as session:
            yield session

    @asynccontextmanager
    async def _session(self, engine: AsyncEngine, write: bool = False) -> AsyncIterator[AsyncSession]:
        with self._named_failures():
            async with AsyncSession(engine, expire_on_commit=False, autoflush=False) as session:
                if self.is_sqlite:
                    await session.connection(execution_options={"sqlite_begin": "IMMEDIATE" if write else "DEFERRED"})
                yield session
                if write:
                    await session.commit()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """For migrations: a connection without a transaction. Raises DatabaseAway."""
        with self._named_failures():
            async with self._engine.connect() as connection:
                yield connection

    @contextmanager
    def _named_failures(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            if (away := named(error, self._url)) is not None:
                raise away from error
            raise

    async def ping(self) -> None:
        """Raises DatabaseAway."""
        async with self.reading() as session:
            await session.exec(select(literal(1)))

    async def close(self) -> None:
        await self._engine.dispose()


async def insert_rows(session: AsyncSession, table: Any, rows: Sequence[Row]) -> None:
    """Insert new rows, in their order. Rows as for `upsert`. Raises IntegrityError."""
    if not rows:
        return
    if _is_postgres(session):
        await _execute(session, _postgres_insert(table.__table__, tuple(rows[0])), table, rows)
    else:
        await session.exec(insert(table.__table__), params=list(rows))


async def upsert(
    session: AsyncSession,
    table: Any,
    rows: Sequence[Row],
    keys: Sequence[str],
    newer_by: str | None = None,
) -> None:
    """Insert rows, or replace those with the same `keys`; with `newer_by`, only where that column grows.

    Rows are mappings of column names to values, all with the same names, with every column that has no default in the schema.
    JSON that is encoded already comes as `msgspec.Raw`. Where two rows have the same keys the later one counts, or the newer.
    """
    if not rows:
        return
    rows, names = _one_a_key(rows, keys, newer_by), tuple(rows[0])
    if _is_postgres(session):
        statement = _postgres_insert(table.__table__, names) + _on_conflict(table.__table__, names, tuple(keys), newer_by)
        await _execute(session, statement, table, rows)
    else:
        await session.exec(_sqlite_upsert(table.__table__, names, keys, newer_by), params=rows)


def _one_a_key(rows: Sequence[Row], keys: Sequence[str], newer_by: str | None) -> list[Row]:
    """One statement may not change a row twice."""
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
    """A parameter a column: an array of its values. Of many rows some at a time, lest the transaction idles meanwhile."""
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


def to_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


#: Encoded JSON, `msgspec.Raw`, is stored as it is.
JSON: dict[str, Any] = {"json_serializer": to_json, "json_deserializer": msgspec.json.decode}


def _engine(url: URL, pool_size: int) -> AsyncEngine:
    if url.get_backend_name() == "sqlite":
        connect_args = {"timeout": SQLITE_BUSY_MS / 1000}
        engine = create_async_engine(url, pool_size=pool_size, connect_args=connect_args, **JSON)
        _prepare_sqlite(engine)
        return engine
    settings = {"idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_MS), "timezone": "UTC"}
    asyncpg_args = {"server_settings": settings, "timeout": 10}
    engine = create_async_engine(url, pool_size=pool_size, max_overflow=5, connect_args=asyncpg_args, **JSON)
    _refuse_poolers(engine)
    _ask_the_rested(engine)
    return engine


def _known(url: str) -> URL:
    try:
        known = make_url(url)
    except ArgumentError:
        known = None
    if known is None or known.drivername not in DRIVERS:
        raise OperatorError(
            "MAKERSYNC_DATABASE_URL is not the address of a database such as postgresql+asyncpg://user@host:5432/name or "
            "sqlite+aiosqlite:////folder/name.sqlite."
        )
    return known


def _refuse_poolers(engine: AsyncEngine) -> None:
    """Between a pooler's sessions nothing holds what is set at the start of ours: least of all the limit that keeps a paused
    owner from its rows. A pooler makes up the process number that it gives a new client."""

    @event.listens_for(engine.sync_engine, "connect", insert=True)
    def on_connect(connection: Any, _record: Any) -> None:
        connection.run_async(demand_own_process)

    async def demand_own_process(connection: asyncpg.Connection) -> None:
        try:
            # Without parameters it goes as text: what is prepared has a name, that another session may have taken.
            await connection.execute(f"SELECT 1 / (pg_backend_pid() = {connection.get_server_pid()})::int")
        except asyncpg.PostgresError as error:
            connection.terminate()
            if isinstance(error, asyncpg.DivisionByZeroError):
                raise refused_pooler(engine.url) from error
            raise


def _reader(engine: AsyncEngine, options: Mapping[str, Any]) -> AsyncEngine:
    """The same connections, for statements that change nothing."""
    reader = engine.execution_options(**options)

    @event.listens_for(reader.sync_engine, "before_cursor_execute")
    def refuse_writing(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.lstrip("( \n").upper().startswith(READS):
            raise WrittenWhileReading(statement.partition("\n")[0])

    return reader


def _ask_the_rested(engine: AsyncEngine) -> None:
    """A connection that has rested is asked whether it lives before it is used, as `pool_pre_ping` would ask each time: three
    round trips, a third of a small transaction."""

    @event.listens_for(engine.sync_engine, "checkin")
    def on_checkin(_connection: Any, record: Any) -> None:
        record.info["rests_since"] = monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def on_checkout(connection: Any, record: Any, _proxy: Any) -> None:
        if monotonic() - record.info.get("rests_since", monotonic()) < TRUSTED_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except Exception as error:
            # The pool then tries another.
            raise DisconnectionError from error


def _make_private(database: str | None) -> None:
    """Whatever the umask: the file holds people, and so do those beside it."""
    for name in (f"{database}{suffix}" for suffix in ("", "-wal", "-shm")):
        with suppress(OSError):
            if Path(name).stat().st_mode & 0o077:
                Path(name).chmod(0o600)


def _prepare_sqlite(engine: AsyncEngine) -> None:
    """WAL, and our own BEGIN: the driver's would start writers as readers, which then fail instead of waiting."""

    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={SQLITE_BUSY_MS}", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()
        _make_private(engine.url.database)

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Any) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

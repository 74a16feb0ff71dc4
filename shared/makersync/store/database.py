"""The database of one service: engine, sessions and the unit of work. The one module that commits."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import event, literal
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.errors import RetryLater

#: A transaction left open by a paused process is ended by PostgreSQL, so that it cannot hold its rows against a successor.
IDLE_IN_TRANSACTION_MS = 5_000
SQLITE_BUSY_MS = 30_000
#: Classes of SQLSTATE after which the same transaction may succeed: connection lost, undone for the sake of another
#: (deadlock, serialisation), out of connections or memory for now, shutting down or starting up.
PASSING_SQLSTATES = ("08", "40", "53", "57P")


class DatabaseAway(RetryLater):
    """The database does not answer, or ended the transaction. Nothing was changed."""


class Store:
    """One service's database. `transaction` is the unit of work: all or nothing, then the wake-up calls."""

    def __init__(self, url: str, pool_size: int = 10) -> None:
        self._url = make_url(url)
        self._engine = _engine(self._url, pool_size)
        self._one_writer = asyncio.Lock() if self.is_sqlite else None
        self._after_commit: list[Callable[[], None]] = []

    @property
    def is_sqlite(self) -> bool:
        return self._url.get_backend_name() == "sqlite"

    @property
    def engine(self) -> AsyncEngine:
        return self._engine

    def after_commit(self, wake: Callable[[], None]) -> None:
        """Call `wake` after every committed transaction of this process (the relay's doorbell)."""
        self._after_commit.append(wake)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session whose work is committed at the end, or undone by any exception.

        Raises DatabaseAway when the database is away or ended the transaction.
        """
        if self._one_writer is None:
            async with self._session(write=True) as session:
                yield session
        else:
            async with self._one_writer, self._session(write=True) as session:
                yield session
        for wake in self._after_commit:
            wake()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session for reading only; nothing it does is kept."""
        async with self._session(write=False) as session:
            yield session

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """A session for reading in which every statement sees the same moment."""
        async with self._session(write=False) as session:
            if not self.is_sqlite:
                await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield session

    @asynccontextmanager
    async def _session(self, write: bool) -> AsyncIterator[AsyncSession]:
        try:
            async with AsyncSession(self._engine, expire_on_commit=False, autoflush=False) as session:
                if self.is_sqlite:
                    await session.connection(execution_options={"sqlite_begin": "IMMEDIATE" if write else "DEFERRED"})
                yield session
                if write:
                    await session.commit()
        except (OperationalError, InterfaceError, OSError, TimeoutError) as error:
            raise DatabaseAway(str(error).partition("\n")[0]) from error
        except DBAPIError as error:
            if error.connection_invalidated or _is_passing(error):
                raise DatabaseAway(str(error).partition("\n")[0]) from error
            raise

    async def ping(self) -> None:
        """Raises DatabaseAway."""
        async with self.reading() as session:
            await session.exec(select(literal(1)))

    async def close(self) -> None:
        await self._engine.dispose()


async def upsert(
    session: AsyncSession,
    table: Any,
    rows: Sequence[Mapping[str, Any]],
    keys: Sequence[str],
    newer_by: str | None = None,
) -> None:
    """Insert rows, or replace those with the same `keys`; with `newer_by`, only where that column grows.

    Rows are mappings of column names to values, all with the same names, with every column that has no default in the schema.
    """
    if not rows:
        return
    insert: Any = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(table.__table__)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    if not changed:
        await session.exec(statement.on_conflict_do_nothing(index_elements=list(keys)), params=list(rows))
        return
    where = None if newer_by is None else statement.excluded[newer_by] > table.__table__.c[newer_by]
    statement = statement.on_conflict_do_update(index_elements=list(keys), set_=changed, where=where)
    await session.exec(statement, params=list(rows))


def _is_passing(error: DBAPIError) -> bool:
    return str(getattr(error.orig, "sqlstate", None) or "").startswith(PASSING_SQLSTATES)


def _engine(url: URL, pool_size: int) -> AsyncEngine:
    if url.get_backend_name() == "sqlite":
        engine = create_async_engine(url, pool_size=pool_size, connect_args={"timeout": SQLITE_BUSY_MS / 1000})
        _prepare_sqlite(engine)
        return engine
    settings = {"idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_MS), "timezone": "UTC"}
    return create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=5,
        pool_pre_ping=True,
        connect_args={"server_settings": settings, "timeout": 10},
    )


def _prepare_sqlite(engine: AsyncEngine) -> None:
    """WAL, and our own BEGIN: the driver's would start writers as readers, which then fail instead of waiting."""

    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={SQLITE_BUSY_MS}", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Any) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

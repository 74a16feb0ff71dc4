"""Connections to a service's database: the set-up for each of the two databases, and the restrictions on connections."""

import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from makersync.errors import OperatorError
from makersync.store.failures import refused_pooler

#: PostgreSQL ends a transaction that a paused process has left open, so that its row locks do not block a successor.
IDLE_IN_TRANSACTION_MS = 5_000
SQLITE_BUSY_MS = 30_000
#: Seconds after its last use for which a connection is assumed to be alive. If it is not, the work is rolled back and repeated.
TRUSTED_S = 1.0
DRIVERS = ("sqlite+aiosqlite", "postgresql+asyncpg")
#: How read-only statements begin. On SQLite, read-only sessions begin their transactions themselves.
READS = ("SELECT", "BEGIN DEFERRED", "SET LOCAL")


class WrittenWhileReading(RuntimeError):
    """A read-only session was given a statement that writes. Nothing was changed."""


def to_json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


#: `msgspec.Raw` is JSON that is encoded already, and is stored unchanged.
JSON: dict[str, Any] = {"json_serializer": to_json, "json_deserializer": msgspec.json.decode}


def make_engine(url: URL, pool_size: int) -> AsyncEngine:
    if url.get_backend_name() == "sqlite":
        connect_args = {"timeout": SQLITE_BUSY_MS / 1000, "factory": _SqliteConnection}
        engine = create_async_engine(url, pool_size=pool_size, connect_args=connect_args, **JSON)
        _prepare_sqlite(engine)
        return engine
    settings = {"idle_in_transaction_session_timeout": str(IDLE_IN_TRANSACTION_MS), "timezone": "UTC"}
    asyncpg_args = {"server_settings": settings, "timeout": 10}
    engine = create_async_engine(url, pool_size=pool_size, max_overflow=5, connect_args=asyncpg_args, **JSON)
    _refuse_poolers(engine)
    _ask_the_rested(engine)
    return engine


class _SqliteConnection(sqlite3.Connection):
    """Rolls back before it closes.

    A cancelled task leaves its statement unfinished, and the traceback of its error keeps the statement alive. Since Python
    3.11 a closed connection with such a statement keeps its transaction, and so the lock of the only writer.
    """

    def close(self) -> None:
        with suppress(sqlite3.Error):
            self.rollback()
        super().close()


def known_url(url: str) -> URL:
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
    """Refuse connections through a pooler, which does not preserve session settings, such as the limit that keeps a paused
    owner from its rows.

    A pooler is recognised by the backend process id that it reports, which differs from that of the server's session.
    """

    @event.listens_for(engine.sync_engine, "connect", insert=True)
    def on_connect(connection: Any, _record: Any) -> None:
        connection.run_async(demand_own_process)

    async def demand_own_process(connection: asyncpg.Connection) -> None:
        try:
            # Without parameters the statement is sent as text. Prepared statements have names, which another session may have
            # taken.
            await connection.execute(f"SELECT 1 / (pg_backend_pid() = {connection.get_server_pid()})::int")
        except asyncpg.PostgresError as error:
            connection.terminate()
            if isinstance(error, asyncpg.DivisionByZeroError):
                raise refused_pooler(engine.url) from error
            raise


def read_only(engine: AsyncEngine, options: Mapping[str, Any]) -> AsyncEngine:
    """An engine on the same connections for statements that change nothing."""
    reader = engine.execution_options(**options)

    @event.listens_for(reader.sync_engine, "before_cursor_execute")
    def refuse_writing(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.lstrip("( \n").upper().startswith(READS):
            raise WrittenWhileReading(statement.partition("\n")[0])

    return reader


def _ask_the_rested(engine: AsyncEngine) -> None:
    """Ping a connection before use if it has been idle. `pool_pre_ping` would ping each time: three round trips, a third of a
    small transaction."""

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
            # The pool then tries another connection.
            raise DisconnectionError from error


def _make_private(database: str | None) -> None:
    """Restrict the database files to their owner whatever the umask, because they hold personal data."""
    for name in (f"{database}{suffix}" for suffix in ("", "-wal", "-shm")):
        with suppress(OSError):
            if Path(name).stat().st_mode & 0o077:
                Path(name).chmod(0o600)


def _prepare_sqlite(engine: AsyncEngine) -> None:
    """Use WAL and explicit BEGIN statements: the driver's own would start writers as readers, which then fail instead of
    waiting."""

    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        try:
            connection.isolation_level = None
            cursor = connection.cursor()
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={SQLITE_BUSY_MS}", "foreign_keys=ON"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()
        except BaseException:
            # The pool forgets a connection that was never ready, and would leave its thread behind.
            connection.terminate()
            raise
        _make_private(engine.url.database)

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Any) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

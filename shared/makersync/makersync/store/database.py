"""The database of one service: sessions and the unit of work. Only this module commits."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext

from sqlalchemy import literal
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.store.engines import known_url, make_engine, read_only
from makersync.store.failures import DatabaseAway as DatabaseAway
from makersync.store.failures import named
from makersync.store.sqlite_version import SqliteVersion

#: Every statement is its own transaction, which saves two of three round trips.
EACH_STATEMENT = {"isolation_level": "AUTOCOMMIT"}
ONE_MOMENT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


class Store:
    """One service's database. `transaction` is the unit of work: all or nothing, followed by the wake-up callbacks."""

    def __init__(self, url: str, pool_size: int = 10) -> None:
        self._url = known_url(url)
        self._engine = make_engine(self._url, pool_size)
        self._reader = read_only(self._engine, {} if self.is_sqlite else EACH_STATEMENT)
        self._snapshots = read_only(self._engine, {} if self.is_sqlite else ONE_MOMENT)
        self._one_writer = asyncio.Lock() if self.is_sqlite else None
        self._version = SqliteVersion(self._url.database or "") if self.is_sqlite else None
        self._after_commit: list[Callable[[], None]] = []

    @property
    def is_sqlite(self) -> bool:
        return self._url.get_backend_name() == "sqlite"

    @property
    def engine(self) -> AsyncEngine:
        return self._engine

    def after_commit(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Call `wake` after every transaction that this process commits (the relay's waker). Returns a function that
        unregisters it."""
        self._after_commit.append(wake)
        return lambda: self._after_commit.remove(wake)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session whose work is committed at the end, or rolled back by any exception.

        Raises DatabaseAway when the database does not answer or has ended the transaction.
        """
        async with self._writing() as session:
            yield session
        for wake in tuple(self._after_commit):
            wake()

    @asynccontextmanager
    async def unnoticed(self) -> AsyncIterator[AsyncSession]:
        """A transaction that changes nothing for anybody who looks again and again, such as the renewal of a lease: it wakes
        nobody and leaves `version` as it was."""
        async with self._writing() as session:
            with nullcontext() if self._version is None else self._version.ignoring():
                yield session
                await session.commit()

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncSession]:
        async with self._one_writer or nullcontext(), self._session(self._engine, write=True) as session:
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A read-only session; every statement sees what is committed when it starts. Raises WrittenWhileReading."""
        async with self._session(self._reader) as session:
            yield session

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncSession]:
        """A read-only session in which all statements see the same snapshot. Raises WrittenWhileReading."""
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
        """A connection without a transaction, for migrations. Raises DatabaseAway."""
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

    def version(self) -> int | None:
        """A number that changes with every commit by any process; None where it cannot be had without a query."""
        return None if self._version is None else self._version.read()

    async def ping(self) -> None:
        """Raises DatabaseAway."""
        async with self.reading() as session:
            await session.exec(select(literal(1)))

    async def close(self) -> None:
        if self._version is not None:
            self._version.close()
        await self._engine.dispose()

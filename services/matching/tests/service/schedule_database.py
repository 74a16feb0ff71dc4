"""One database for many schedules, and the connections of each process to it."""

import sqlite3
from pathlib import Path

import aiosqlite
from sqlalchemy import event

from makersync.store.database import Store
from matching.bootstrap import definition

MOST_PROCESSES = 3


class Database:
    """One service's database for many schedules, which `empty` resets. Each process has connections of its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._metadata = definition().metadata
        self._free: list[Connections] = []
        self._all: list[Connections] = []

    async def create(self) -> None:
        """With every engine used once, because the first use of one sends more statements than later ones."""
        for _ in range(MOST_PROCESSES + 1):
            connections = Connections(f"sqlite+aiosqlite:///{self._path}")
            self._all.append(connections)
            async with connections.store.engine.begin() as connection:
                for metadata in self._metadata:
                    await connection.run_sync(metadata.create_all)
            self.give(connections)

    async def close(self) -> None:
        for connections in self._all:
            connections.cut()
            await connections.store.close()

    def take(self) -> "Connections":
        return self._free.pop()

    def give(self, connections: "Connections") -> None:
        """Cut first: what the process had open is undone, as when an operating system ends it."""
        connections.cut()
        self._free.append(connections)

    def empty(self) -> None:
        connection = sqlite3.connect(self._path, timeout=1)
        with connection:
            for metadata in self._metadata:
                for name in metadata.tables:
                    connection.execute(f'DELETE FROM "{name}"')
        connection.close()


class Connections:
    """A process's store; engines are used again, because what they have compiled is most of a short run."""

    def __init__(self, url: str) -> None:
        self.store = Store(url)
        self._open: list[aiosqlite.Connection] = []
        event.listen(self.store.engine.sync_engine, "do_connect", _undoing)
        event.listen(self.store.engine.sync_engine, "connect", lambda made, _record: self._open.append(made.driver_connection))

    def cut(self) -> None:
        for connection in self._open:
            if connection._connection is not None:
                connection._connection.close()
                connection._connection = None
        self._open.clear()
        self.store.engine.sync_engine.dispose(close=False)


class Undoing(sqlite3.Connection):
    """Closing undoes, as it says; with a statement left open SQLite would wait for its end, and hold the lock until then."""

    def close(self) -> None:
        self.rollback()
        super().close()


def _undoing(_dialect: object, _record: object, _arguments: object, named: dict[str, object]) -> None:
    named["factory"] = Undoing

"""The version of a SQLite file: whether anything was committed to it, without a query of tables."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import quote


class SqliteVersion:
    """A number that changes with every commit by any process.

    It is read on a connection of its own, because a connection's own commits do not change the number that it sees.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._ignored = 0

    @contextmanager
    def ignoring(self) -> Iterator[None]:
        """Ignore what the caller commits in the block, during which nobody else commits. A commit by another process between
        the caller's and the end of the block is ignored as well."""
        before = self._read()
        yield
        after = self._read()
        if before is not None and after is not None:
            self._ignored += after - before

    def read(self) -> int | None:
        """None while the file cannot be read. Takes some ten microseconds and waits for nobody."""
        version = self._read()
        return None if version is None else version - self._ignored

    def _read(self) -> int | None:
        with suppress(sqlite3.Error):
            if self._connection is None:
                self._connection = sqlite3.connect(
                    f"file:{quote(self._path)}?mode=ro", uri=True, timeout=0, isolation_level=None
                )
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
        return None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

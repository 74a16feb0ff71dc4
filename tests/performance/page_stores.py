"""Many more openings and learners in the stores of a demo than its market has: copies of its own, under other ids."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

#: Copies of one transaction, so that the services get their turns.
_AT_ONCE = 5000
_NEW = "lower(hex(randomblob(13)))"


def fill(folder: Path, openings: int, learners: int) -> None:
    """Until the stores have so many; `folder` is the state folder of a demo that runs."""
    _multiply(folder / "openings.sqlite", "opening", "opening_id", "opn", openings, {"shortlist_entry": {}})
    awards = {"award_id": f"'awd_' || {_NEW}"}
    _multiply(folder / "learners.sqlite", "learner", "learner_id", "lrn", learners, {"person": {}, "award": awards})


def _multiply(file: Path, table: str, key: str, kind: str, most: int, with_it: Mapping[str, Mapping[str, str]]) -> None:
    """Copies rows of a table, and the rows of others that have its key; they may be given other values of their own."""
    with closing(sqlite3.connect(file, timeout=60, isolation_level=None)) as connection:
        connection.execute(f"CREATE TEMP TABLE original AS SELECT {key} AS old FROM {table}")
        count = connection.execute("SELECT count(*) FROM original").fetchone()[0]
        while count < most:
            some = min(_AT_ONCE, most - count)
            connection.execute("DROP TABLE IF EXISTS copied")
            connection.execute(
                "CREATE TEMP TABLE copied AS WITH RECURSIVE "
                f"turn(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM turn LIMIT {some}) "
                f"SELECT old, '{kind}_' || {_NEW} AS new FROM original CROSS JOIN turn LIMIT {some}"
            )
            connection.execute("BEGIN IMMEDIATE")
            for name, values in {table: {}, **with_it}.items():
                _copy(connection, name, key, values)
            connection.execute("COMMIT")
            count += some
        connection.execute("ANALYZE")


def _copy(connection: sqlite3.Connection, table: str, key: str, values: Mapping[str, str]) -> None:
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    taken = ["new" if column == key else values.get(column, f'"{column}"') for column in columns]
    names = ", ".join(f'"{column}"' for column in columns)
    connection.execute(
        f"INSERT INTO {table} ({names}) SELECT {', '.join(taken)} FROM copied JOIN {table} ON {table}.{key} = old"
    )

"""How a database finds what a page shows: every query of a visit, and whether it reads a whole table."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from makersync.store.database import Store

#: Tables that never have more rows than fit on a page of the database, so that an index would not be used.
SMALL = frozenset({"condition", "halt", "market_region", "policy"})
_NODES = ("Seq Scan", "Index Scan", "Index Only Scan")


@dataclass(frozen=True, slots=True)
class Query:
    statement: str
    parameters: Any


@contextmanager
def recorded(store: Store) -> Iterator[list[Query]]:
    """The reading queries of whatever happens meanwhile, each statement once."""
    found: dict[str, Query] = {}

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            found.setdefault(statement, Query(statement, parameters))

    queries: list[Query] = []
    event.listen(store.engine.sync_engine, "before_cursor_execute", note)
    try:
        yield queries
    finally:
        event.remove(store.engine.sync_engine, "before_cursor_execute", note)
        queries.extend(found.values())


async def whole_tables_read(store: Store, queries: Sequence[Query]) -> list[str]:
    """The tables that a query reads from end to end, with the query; empty where an index leads to every row. It leads to a
    page of a list too that is read in its order, when no row is passed over, and a partial one to the few rows that it has."""
    async with store.connection() as connection:
        if not store.is_sqlite:
            await connection.execute(text("SET enable_seqscan = off"))
        tables = set(await connection.run_sync(lambda known: inspect(known).get_table_names())) - SMALL
        plan = _sqlite_scans if store.is_sqlite else _postgres_scans
        found = [(table, query) for query in queries for table in await plan(connection, query)]
    return [f"{table}: {' '.join(query.statement.split())}" for table, query in found if table in tables]


async def _sqlite_scans(connection: AsyncConnection, query: Query) -> list[str]:
    """A plan calls tables by the names that a query gives them."""
    called = {name: table for table, name in re.findall(r"(\w+) AS (\w+)", query.statement)}
    plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query.statement}", query.parameters)
    steps = [str(row[3]) for row in plan]
    words = query.statement.split()
    is_page = "LIMIT" in words and "WHERE" not in words
    if is_page and not any("TEMP B-TREE" in step for step in steps):
        return []
    partial = await connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'")
    few = set(partial.scalars())
    scans = [step.split() for step in steps if step.startswith("SCAN ")]
    return [called.get(step[1], step[1]) for step in scans if step[-1] not in few]


async def _postgres_scans(connection: AsyncConnection, query: Query) -> list[str]:
    plan = (await connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {query.statement}", query.parameters)).scalar_one()
    [top] = json.loads(plan) if isinstance(plan, str) else plan
    partial = await connection.exec_driver_sql(
        "SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid WHERE indpred IS NOT NULL"
    )
    few = set(partial.scalars())
    return [
        node["Relation Name"]
        for node, above in _nodes(top["Plan"], "")
        if node["Node Type"] in _NODES
        and "Index Cond" not in node
        and node.get("Index Name") not in few
        and not (above == "Limit" and "Index Name" in node and "Filter" not in node)
    ]


def _nodes(node: dict[str, Any], above: str) -> Iterator[tuple[dict[str, Any], str]]:
    """With the kind of the node above."""
    yield node, above
    for below in node.get("Plans", ()):
        yield from _nodes(below, node["Node Type"])

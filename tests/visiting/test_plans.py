"""The judge of queries judges, on each kind of database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql import Select

from makersync.store.database import Store
from tests.visiting.plans import recorded, whole_tables_read

METADATA = MetaData()
LATHE = Table("lathe", METADATA, Column("id", Integer, primary_key=True), Column("maker", Text))
OTHER = aliased(LATHE, name="other")


@asynccontextmanager
async def closing(store: Store) -> AsyncIterator[Store]:
    try:
        yield store
    finally:
        await store.close()


@pytest.mark.parametrize(
    ("query", "is_found"),
    [
        (select(LATHE).where(LATHE.c.id == 4), False),
        (select(LATHE).order_by(LATHE.c.id).limit(4), False),
        (select(LATHE).where(LATHE.c.maker == "Y"), True),
        (select(OTHER).where(OTHER.c.maker == "Y"), True),
        (select(LATHE).where(LATHE.c.maker == "Y").order_by(LATHE.c.id).limit(4), True),
        (select(LATHE).order_by(LATHE.c.maker).limit(4), True),
    ],
)
async def test_a_query_that_no_index_leads_is_found(database_url: str, query: Select[tuple[int, str]], is_found: bool) -> None:
    """Guards: a judge that finds nothing anywhere."""
    async with closing(Store(database_url)) as store:
        async with store.engine.begin() as connection:
            await connection.run_sync(METADATA.create_all)
        with recorded(store) as queries:
            async with store.reading() as session:
                await (await session.connection()).execute(query)
        found = await whole_tables_read(store, queries)
    assert [each.partition(":")[0] for each in found] == ["lathe"] * is_found

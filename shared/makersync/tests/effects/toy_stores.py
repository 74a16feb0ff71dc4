"""The toy's tables, and the databases that hold them with those of the kit."""

from typing import Any

from sqlalchemy import BigInteger, Column, Integer, Table, delete, insert
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel, select

from makersync.store.database import Store
from makersync.store.tables import KitModel
from tests.servers.tables import create_tables


class ToyModel(SQLModel, registry=registry()):
    pass


class HalfRow(ToyModel, table=True):
    """A half: the owner's own in the halves' service, the reader's copy in the pairs' service. Without a value it has ended."""

    __tablename__ = "half"

    side: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    number: int
    version: int
    value: int | None = None


class PairRow(ToyModel, table=True):
    __tablename__ = "pair"

    key: str = Field(primary_key=True)
    number: int
    version: int
    left: int | None = None
    right: int | None = None


class LedgerRow(ToyModel, table=True):
    """Every effect, only ever appended: lost, duplicated or reordered effects show here."""

    __tablename__ = "ledger"

    id: int | None = Field(
        default=None, sa_column=Column(BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True)
    )
    side: str
    key: str
    version: int


async def open_store(url: str) -> Store:
    """A store with the kit's tables and the toy's."""
    store = Store(url)
    await create_tables(store, [KitModel.metadata, ToyModel.metadata])
    return store


Dump = dict[str, list[dict[str, Any]]]


async def dump(store: Store) -> Dump:
    """The whole content of the database."""
    async with store.engine.connect() as connection:
        return {table.name: [dict(row._mapping) for row in await connection.execute(select(table))] for table in all_tables()}


async def restore(store: Store, content: Dump) -> None:
    """Restore a backup; everything written after it is lost."""
    async with store.engine.begin() as connection:
        for table in all_tables():
            await connection.execute(delete(table))
            if rows := content.get(table.name):
                await connection.execute(insert(table), rows)


def all_tables() -> list[Table]:
    return [*KitModel.metadata.sorted_tables, *ToyModel.metadata.sorted_tables]

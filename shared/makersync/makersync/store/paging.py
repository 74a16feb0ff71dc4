"""The rows of a table that may be long, read a part at a time."""

from collections.abc import AsyncIterator
from typing import TypeVar, cast

from sqlalchemy import Table, tuple_
from sqlmodel import SQLModel, select
from sqlmodel.ext.asyncio.session import AsyncSession

Row = TypeVar("Row", bound=SQLModel)
#: Rows that are in memory at once.
AT_ONCE = 1000


async def paged(session: AsyncSession, table: type[Row]) -> AsyncIterator[Row]:
    """All rows by primary key. Where `session` is no snapshot, each part is of its own moment."""
    key = cast(Table, table.__table__).primary_key.columns.values()  # type: ignore[attr-defined]
    query = select(table).order_by(*key).limit(AT_ONCE)
    rows = (await session.exec(query)).all()
    while rows:
        for row in rows:
            yield row
        last = [getattr(rows[-1], column.name) for column in key]
        rows = (await session.exec(query.where(tuple_(*key) > tuple_(*last)))).all()

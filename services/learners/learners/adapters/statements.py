"""Statements that several repositories share."""

from typing import Any, TypeVar

from sqlalchemy import Delete, Insert, Update
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from learners.domain.errors import Stale

Row = TypeVar("Row")


async def change_one_row(session: AsyncSession, statement: Update | Delete) -> None:
    """Execute a statement that names the version to replace. Raises Stale unless it changed exactly one row."""
    if (await session.exec(statement)).rowcount != 1:
        raise Stale


async def insert_new(session: AsyncSession, statement: Insert) -> None:
    """Raises Stale when somebody else has inserted the row: the transaction must then be rolled back."""
    try:
        await session.exec(statement)
    except IntegrityError as error:
        raise Stale from error


def equal(statement: SelectOfScalar[Row], column: Any, value: object) -> SelectOfScalar[Row]:
    """Narrow a list to the rows that have the value; None: all."""
    return statement if value is None else statement.where(column == value)

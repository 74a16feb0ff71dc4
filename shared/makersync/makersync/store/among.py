"""Finds the rows whose column has one of many values."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, any_, literal
from sqlmodel.ext.asyncio.session import AsyncSession


def among(session: AsyncSession, column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """On PostgreSQL all values are one array parameter, so the statement is the same however many there are; SQLite has no
    arrays."""
    if session.get_bind().dialect.name == "postgresql":
        found: ColumnElement[bool] = column == any_(literal(list(values), ARRAY(column.type)))
    else:
        found = column.in_(values)
    return found

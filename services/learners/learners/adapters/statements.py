"""Statements that several repositories make the same way."""

from typing import Any, cast

from sqlalchemy import CursorResult, Delete, Insert, Update
from sqlalchemy.exc import IntegrityError
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.application.errors import Stale

#: Most values of one `IN`: SQLite and PostgreSQL both take far more, but plans and packets stay small.
LISTED_AT_ONCE = 500


async def demand_one(session: AsyncSession, statement: Update | Delete) -> None:
    """Execute what names the version that it replaces. Raises Stale unless it met exactly that row."""
    result = cast("CursorResult[Any]", await session.execute(statement))
    if result.rowcount != 1:
        raise Stale


async def insert_new(session: AsyncSession, statement: Insert) -> None:
    """Insert what nobody has inserted. Raises Stale when somebody has: the transaction can only be undone then."""
    try:
        await session.execute(statement)
    except IntegrityError as error:
        raise Stale from error

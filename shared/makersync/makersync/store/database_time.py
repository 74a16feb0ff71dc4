"""The database's time, the one clock that all processes of a service share."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, DateTime, Interval, func, literal
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.store.tables import UtcDateTime


def database_time(session: AsyncSession, clock: Clock, later_s: float = 0.0) -> ColumnElement[datetime]:
    """The time at which the statement runs, plus `later_s` seconds, as an expression for use in the statement.

    On PostgreSQL it is the server's clock, whatever the clients' clocks say. SQLite has no clock other than that of its host,
    where all its processes run.
    """
    later = timedelta(seconds=later_s)
    if session.get_bind().dialect.name == "sqlite":
        return literal(clock.now() + later, UtcDateTime())
    return func.clock_timestamp(type_=DateTime(timezone=True)) + literal(later, Interval())


async def read_database_time(session: AsyncSession, clock: Clock) -> datetime:
    """The database's present time, UTC."""
    if session.get_bind().dialect.name == "sqlite":
        return clock.now()
    return (await session.exec(select(database_time(session, clock)))).one()

"""The database's time: the one clock that all processes of a service share."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, DateTime, Interval, func, literal
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.store.tables import UtcDateTime


def database_time(session: AsyncSession, clock: Clock, later_s: float = 0.0) -> ColumnElement[datetime]:
    """The instant at which a statement runs, or one `later_s` seconds later, for use in it.

    PostgreSQL's own clock, whatever its clients' clocks say. SQLite has none but its machine's, on which its processes run.
    """
    later = timedelta(seconds=later_s)
    if session.get_bind().dialect.name == "sqlite":
        return literal(clock.now() + later, UtcDateTime())
    return func.clock_timestamp(type_=DateTime(timezone=True)) + literal(later, Interval())


async def read_database_time(session: AsyncSession, clock: Clock) -> datetime:
    """The instant, UTC."""
    return (await session.exec(select(database_time(session, clock)))).one()

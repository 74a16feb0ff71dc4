"""A date that an operator names to a command, and that must have come; or the database's own."""

from datetime import date, datetime
from typing import Annotated

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.errors import OperatorError
from makersync.store.database_time import read_database_time

PastDay = Annotated[
    datetime | None,
    typer.Argument(
        formats=["%Y-%m-%d"], help="The right date, not later than the database's own. Default: the database's own."
    ),
]


async def past_day(session: AsyncSession, clock: Clock, day: date | None) -> date:
    """The day, or the database's own date in the deployment's time zone. Raises OperatorError when the day has not come."""
    latest = clock.date_of(await read_database_time(session, clock))
    if day is not None and day > latest:
        raise OperatorError(f"{day} has not come: the database's date is {latest}. Nothing was changed.")
    return day or latest

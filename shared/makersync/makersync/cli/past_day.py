"""A date that an operator names to a command, and that must have come."""

from datetime import date, datetime
from typing import Annotated

import typer
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.errors import OperatorError
from makersync.store.database_time import read_database_time

PastDay = Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The right date, not later than the database's own.")]


async def demand_past_day(session: AsyncSession, clock: Clock, day: date) -> None:
    """Raises OperatorError when the day has not come by the database's clock."""
    latest = (await read_database_time(session, clock)).date()
    if day > latest:
        raise OperatorError(f"{day} has not come: the database's date is {latest}. Nothing was changed.")

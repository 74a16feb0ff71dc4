"""`makersync matching set-day`: set the market's date back."""

import getpass
from datetime import date
from typing import Annotated

import typer
from rich.console import Console

from makersync.cli.messages import operator_errors
from makersync.cli.past_day import PastDay, past_day
from makersync.cli.service_commands import run_with_context
from makersync.errors import OperatorError
from makersync.runtime.service import Context
from makersync.store.tables import AuditRow
from matching.adapters.day_setting import partitions_known, set_back

out = Console(highlight=False, soft_wrap=True)


def add_set_day(app: typer.Typer) -> None:
    """Add the command to the service's own."""

    @app.command(
        "set-day",
        help="Set the market's date back after a clock that was ahead has moved it forward. Matches that ended "
        "because of the wrong date are proposed again. Running instances need not be stopped. "
        "Example: makersync matching set-day 2026-11-29",
    )
    def set_day_command(
        day: PastDay = None,
        partition: Annotated[int | None, typer.Option(help="Only this partition number. Default: all.")] = None,
    ) -> None:
        with operator_errors():
            stood = run_with_context("matching", lambda context: set_day(context, day and day.date(), partition))
        for number, on in stood.items():
            out.print(f"Partition {number} no longer stands on {on}.")
        out.print("Its owner notices within a second, loads it again within the session timeout, and proposes what lapsed.")


async def set_day(context: Context, day: date | None, partition: int | None) -> dict[int, date]:
    """Set partitions back to `day`, or else to the database's date; returns the date that each of them had.

    Raises OperatorError when the date has not come, there is no such partition, or no partition's date is later.
    """
    async with context.store.transaction() as session:
        day = await past_day(session, context.clock, day)
        known = await partitions_known(session)
        if partition is not None and partition not in known:
            raise OperatorError(f"There is no partition {partition}; there are {', '.join(map(str, known)) or 'none'}.")
        stood = await set_back(session, day, partition, getpass.getuser())
        if not stood:
            raise OperatorError(f"No partition's date is after {day}; dates advance on their own. Nothing was changed.")
        detail = {"day": day.isoformat(), "partitions": {str(number): on.isoformat() for number, on in stood.items()}}
        session.add(
            AuditRow(at=context.clock.now(), actor=getpass.getuser(), action="set_day", subject="matching", detail=detail)
        )
    return stood

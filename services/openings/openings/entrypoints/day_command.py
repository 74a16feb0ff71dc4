"""`makersync openings set-day`: takes back the expiries that were announced while a clock was ahead."""

import getpass
from datetime import date

import typer
from rich.console import Console

from makersync.cli.messages import operator_errors
from makersync.cli.past_day import PastDay, past_day
from makersync.cli.service_commands import run_with_context
from makersync.effects.conditions import demand_writes
from makersync.runtime.service import Context
from makersync.store.tables import AuditRow
from openings.adapters.unit_of_work import OpeningsUnitsOfWork, units_of_work_of
from openings.application.expiring import take_back_expiries

#: Openings in one transaction.
AT_ONCE = 200

out = Console(highlight=False, soft_wrap=True)


def add_set_day(app: typer.Typer) -> None:
    """Add the command to the service's own."""

    @app.command(
        "set-day",
        help="Reopen the openings that expired too early because a clock was ahead: those whose closing date has not "
        "passed on the given date. Example: makersync openings set-day 2026-11-29",
    )
    def set_day_command(
        day: PastDay = None,
    ) -> None:
        with operator_errors():
            count = run_with_context(
                "openings", lambda context: set_day(context, units_of_work_of(context), day and day.date())
            )
        out.print(f"{count} expiries were taken back." if count else "No expiry was announced too early.")


async def set_day(context: Context, units_of_work: OpeningsUnitsOfWork, day: date | None) -> int:
    """Take back the expiries that are too early on `day`, or else on the database's date; returns how many.

    Raises OperatorError when the date is in the future.
    """
    async with context.store.reading() as session:
        day = await past_day(session, context.clock, day)
    count = 0
    while some := await _take_back(context, units_of_work, day):
        count += some
    return count


async def _take_back(context: Context, units_of_work: OpeningsUnitsOfWork, day: date) -> int:
    actor, now = getpass.getuser(), context.clock.now()
    async with context.store.transaction() as session:
        await demand_writes(session)
        count = await take_back_expiries(units_of_work.at(session, None), day, AT_ONCE)
        if count:
            detail = {"day": day.isoformat(), "openings": count}
            session.add(AuditRow(at=now, actor=actor, action="set_day", subject="openings", detail=detail))
    return count

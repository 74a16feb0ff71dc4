"""`makersync resume`: resumes halted partitions."""

import asyncio
import getpass
from typing import Annotated

import typer
from rich.console import Console

from makersync.cli.confirming import confirm
from makersync.cli.messages import operator_errors
from makersync.cli.service_store import existing_store
from makersync.clock import WallClock
from makersync.effects.halts import Halt, halted_among, request_resume

app = typer.Typer(
    invoke_without_command=True,
    # By default a group accepts no options after an argument.
    context_settings={"allow_interspersed_args": True},
    subcommand_metavar="",
)
out = Console(highlight=False, soft_wrap=True, markup=False)


@app.callback()
def resume(
    service: Annotated[str, typer.Argument(help="openings, learners or matching.")],
    consumer: Annotated[str | None, typer.Option(help="Only this consumer, such as matching.market.")] = None,
    partition: Annotated[int | None, typer.Option(min=0, help="Only this partition number.")] = None,
    because: Annotated[str, typer.Option(help="The reason, for the audit trail.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
) -> None:
    """Resume partitions on which a consumer has halted.

    A consumer halts a topic of a partition when it had to set too many records aside, and a whole partition on a failure that
    no record caused. Fix the cause first. The command lists what is halted and why, and asks; the running service then
    continues within a second. What was set aside stays so: replay it with `makersync dead-letters replay`.

    Example: makersync resume matching --partition 3 --because "the writer is fixed" """
    with operator_errors():
        found = asyncio.run(_found(service, consumer, partition))
        for halt in found:
            out.print(f"{halt}, since {halt.since:%Y-%m-%d %H:%M:%S} UTC")
        if not found:
            # Also if dismissing the last dead letter has resumed the partition already.
            out.print(f"Nothing of {service} stands still{_where(consumer, partition)}.")
            return
        confirm(f"Let {_counted(len(found))} go on?", yes)
        resumed = asyncio.run(_resume(service, consumer, partition, because))
    out.print(f"{_counted(len(resumed))} will go on within a second, where the service runs.")


async def _found(service: str, consumer: str | None, partition: int | None) -> list[Halt]:
    async with existing_store(service) as store, store.reading() as session:
        return await halted_among(session, consumer, partition)


async def _resume(service: str, consumer: str | None, partition: int | None, because: str) -> list[Halt]:
    async with existing_store(service) as store, store.transaction() as session:
        return await request_resume(session, WallClock(), getpass.getuser(), because, consumer, partition)


def _where(consumer: str | None, partition: int | None) -> str:
    named = [name for name in (consumer, None if partition is None else f"partition {partition}") if name]
    return f" in {' '.join(named)}" if named else ""


def _counted(count: int) -> str:
    return f"{count} halted partition{'' if count == 1 else 's'}"

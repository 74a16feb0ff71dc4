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
    help="Let halted partitions go on. Example: makersync resume matching",
    invoke_without_command=True,
    # By default a group accepts no options after an argument.
    context_settings={"allow_interspersed_args": True},
    subcommand_metavar="",
)
out = Console(highlight=False, soft_wrap=True, markup=False)


@app.callback()
def resume(
    service: Annotated[str, typer.Argument(help="openings, learners or matching.")],
    consumer: Annotated[str | None, typer.Option(help="Only of this consumer, such as matching.market.")] = None,
    partition: Annotated[int | None, typer.Option(min=0, help="Only this partition number.")] = None,
    because: Annotated[str, typer.Option(help="Why; it is kept in the audit.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Show what stands still and why, and let the running service go on with it within a second. Example: makersync resume
    matching --partition 3 --because "the writer is mended" """
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

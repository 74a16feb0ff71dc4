"""`makersync dead-letters`: what was set aside, and what to do with it."""

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer
from rich.console import Console

from makersync.cli.messages import operator_errors
from makersync.cli.service_store import existing_store
from makersync.clock import WallClock
from makersync.effects.dead_letters import DISMISSED, OPEN, REPLAYED, REQUESTED, SUPERSEDED, listing, resolve
from makersync.errors import OperatorError
from makersync.store.database import Store
from makersync.store.tables import DeadLetterRow

app = typer.Typer(help="Records set aside. Example: makersync dead-letters list --service matching", no_args_is_help=True)
out = Console(highlight=False, soft_wrap=True, markup=False)
ALL = "all"
STATUSES = (OPEN, REQUESTED, SUPERSEDED, REPLAYED, DISMISSED, ALL)

Service = Annotated[str, typer.Option(help="Whose database: openings, learners or matching.")]
Id = Annotated[int, typer.Argument(help="The id that `list` shows.")]


@app.command("list")
def list_command(
    service: Service,
    status: Annotated[str, typer.Option(help=f"{', '.join(STATUSES[:-1])} or {ALL}.")] = OPEN,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
) -> None:
    """The dead letters of a service. Example: makersync dead-letters list --service matching --status all"""

    async def show(store: Store) -> None:
        async with store.reading() as session:
            rows = await listing(session, None if status == ALL else status, limit)
        for row in rows:
            _print(row)
        if not rows:
            out.print("No dead letters." if status == ALL else f"No dead letters with status {status}.")

    with operator_errors():
        _demand_status(status)
    _with_store(service, show)


@app.command("show")
def show_command(service: Service, letter: Id) -> None:
    """One dead letter with its record. Example: makersync dead-letters show --service matching 12"""

    async def show(store: Store) -> None:
        async with store.reading() as session:
            row = await session.get(DeadLetterRow, letter)
        if row is None:
            raise OperatorError(f"{service} has no dead letter {letter}.")
        _print(row)
        out.print(f"detail: {row.detail}")
        out.print(f"record: {(row.payload or b'').decode(errors='backslashreplace')}")

    _with_store(service, show)


@app.command("replay")
def replay_command(service: Service, letter: Id) -> None:
    """Let the running consumer read a record again; its event keeps its id and version. Example: makersync dead-letters replay
    --service matching 12"""
    _with_store(service, lambda store: _resolve(store, service, letter, REQUESTED))
    out.print("The running service reads it again within seconds; `list --status all` shows what came of it.")


@app.command("dismiss")
def dismiss_command(service: Service, letter: Id) -> None:
    """Close a dead letter that needs nothing; it is kept. Example: makersync dead-letters dismiss --service matching 12"""
    _with_store(service, lambda store: _resolve(store, service, letter, DISMISSED))
    out.print(f"Dead letter {letter} is dismissed.")


def _with_store(service: str, step: Callable[[Store], Awaitable[None]]) -> None:
    async def run() -> None:
        async with existing_store(service) as store:
            await step(store)

    with operator_errors():
        asyncio.run(run())


async def _resolve(store: Store, service: str, letter: int, status: str) -> None:
    async with store.transaction() as session:
        row = await session.get(DeadLetterRow, letter)
        if row is None:
            raise OperatorError(f"{service} has no dead letter {letter}.")
        if row.status != OPEN:
            raise OperatorError(f"Dead letter {letter} is {row.status}: only open ones can be changed.")
        await resolve(session, WallClock(), row, status, getpass.getuser())


def _demand_status(status: str) -> None:
    if status not in STATUSES:
        raise OperatorError(f"--status: {status!r} is none of {', '.join(STATUSES)}.")


def _print(row: DeadLetterRow) -> None:
    """A line that may wrap, not a table: on a narrow terminal that would cut keys, and a key that is cut finds nothing."""
    key = (row.key or b"").decode(errors="backslashreplace")
    where = f"{row.topic} partition {row.partition} offset {row.offset} key {key}"
    out.print(f"{row.id}  {row.status}  {row.reason}  {row.consumer}  {where}  {row.seen_at:%Y-%m-%d %H:%M:%S} UTC")

"""Operators' keys, managed on the host of a service: the first key, another one if all are lost, and a list.

The audit table names `host` as the actor and not a person: everybody who may run commands in a service's container is the same
user there.
"""

import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeVar

import typer
from rich.console import Console
from rich.table import Column, Table

from makersync.cli.messages import operator_errors
from makersync.errors import OperatorError
from makersync.http.key_audit import note_issued, note_recovered, note_revoked
from makersync.http.key_succession import demand_room, revoke_with
from makersync.http.keys import OPERATOR, KeyGrant, is_live, issue_key, keys_of
from makersync.http.pepper import read_pepper
from makersync.http.problems import Conflict
from makersync.runtime.service import Context

HOST = "host"
out = Console(highlight=False, soft_wrap=True)
T = TypeVar("T")

TokenFile = Annotated[Path | None, typer.Option(help="Write the key here (mode 0600) instead of printing it.")]


class RunStep(Protocol):
    """Runs a step with the service's wiring."""

    def __call__(self, step: Callable[[Context], Coroutine[Any, Any, T]]) -> T: ...


def add_bootstrap(app: typer.Typer, name: str, run: RunStep) -> None:
    example = f"Example: makersync {name} bootstrap --token-file operator.key"

    @app.command("bootstrap", help=f"Create the first operator key; with --recover, another one when all are lost. {example}")
    def bootstrap_command(
        token_file: TokenFile = None,
        recover: Annotated[
            bool, typer.Option(help="Create another key although there are some. The audit trail records it.")
        ] = False,
    ) -> None:
        with operator_errors():
            made = run(lambda context: _first_key(context, recover, lambda token: deliver(name, token_file, token)))
        if not made:
            out.print(f"{name} has operator keys already; nothing was made. If all are lost: --recover.")


def operator_key_commands(name: str, run: RunStep) -> typer.Typer:
    """The command group `makersync <name> operator-keys`."""
    app = typer.Typer(
        help=f"List, create and revoke operator keys. Example: makersync {name} operator-keys list", no_args_is_help=True
    )

    @app.command("list", help=f"List every key with its state, newest first. Example: makersync {name} operator-keys list")
    def list_command() -> None:
        with operator_errors():
            out.print(run(_listed))

    @app.command(
        "make", help=f"Create another key. Example: makersync {name} operator-keys make nights --token-file nights.key"
    )
    def make_command(label: Annotated[str, typer.Argument(help="What the key is for.")], token_file: TokenFile = None) -> None:
        with operator_errors():
            run(lambda context: _made(context, label, lambda token: deliver(name, token_file, token)))

    @app.command(
        "revoke", help=f"Revoke a key at once. Example: makersync {name} operator-keys revoke 0123456789abcdef --descendants"
    )
    def revoke_command(
        key_id: str,
        descendants: Annotated[bool, typer.Option(help="Also revoke the keys that it was rotated into.")] = False,
    ) -> None:
        with operator_errors():
            ended = run(lambda context: _revoked(context, key_id, descendants))
        out.print(f"Revoked: {', '.join(ended) or 'none, it had ended before'}.")

    return app


def deliver(name: str, token_file: Path | None, token: str) -> None:
    """Print or write a new token before its key is committed, so that no key exists that nobody received. Raises
    OperatorError."""
    if token_file is None:
        out.print(f"An operator key of {name}, shown this once:\n{token}")
        return
    try:
        descriptor = os.open(token_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            # An existing file keeps its mode when it is opened.
            os.fchmod(descriptor, 0o600)
            file.write(token + "\n")
    except OSError as error:
        raise OperatorError(f"{token_file} cannot be written: {error.strerror}. No key was made.") from error
    out.print(f"An operator key of {name} is in {token_file}.")


async def _first_key(context: Context, recover: bool, hand_over: Callable[[str], None]) -> bool:
    """Returns whether a key was made."""
    pepper = read_pepper(context.settings)
    async with context.store.transaction() as session:
        is_first = not await keys_of(session, None, context.clock.now())
        if not (is_first or recover):
            return False
        label = "first operator key" if is_first else "recovered on the host"
        row, token = issue_key(session, pepper, context.clock, KeyGrant(None, label, [OPERATOR]))
        (note_issued if is_first else note_recovered)(session, context.clock, HOST, row)
        hand_over(token)
    return True


async def _made(context: Context, label: str, hand_over: Callable[[str], None]) -> None:
    pepper = read_pepper(context.settings)
    async with context.store.transaction() as session:
        try:
            await demand_room(session, None, context.clock.now())
        except Conflict as conflict:
            raise OperatorError(conflict.detail) from conflict
        row, token = issue_key(session, pepper, context.clock, KeyGrant(None, label, [OPERATOR]))
        note_issued(session, context.clock, HOST, row)
        hand_over(token)


async def _revoked(context: Context, key_id: str, descendants: bool) -> list[str]:
    async with context.store.transaction() as session:
        try:
            ended = await revoke_with(session, context.clock, None, key_id, descendants)
        except Conflict as conflict:
            raise OperatorError(conflict.detail) from conflict
        if ended is None:
            raise OperatorError("There is no such operator key: see the list.")
        for row in ended:
            note_revoked(session, context.clock, HOST, row)
        return [row.id for row in ended]


async def _listed(context: Context) -> Table:
    table = Table(Column("key", min_width=16), "for", "made", "ends", "last used", "state", "replaces", box=None)
    now = context.clock.now()
    async with context.store.reading() as session:
        for row in await keys_of(session, None, now):
            ends = row.revoked_at or row.expires_at
            state = "live" if is_live(row, now) else "revoked" if row.revoked_at else "expired"
            shown = [f"{each:%Y-%m-%d %H:%M}" if each else "-" for each in (row.created_at, ends, row.last_used_at)]
            table.add_row(row.id, row.name, *shown, state, row.replaces or "-")
    return table

"""People who sign in, for whatever organisation, managed on the host of a service.

The audit table names `host` as the actor, as it does for keys.
"""

from typing import Annotated

import typer
from rich.console import Console

from makersync.cli.confirming import confirm
from makersync.cli.key_commands import HOST, RunStep
from makersync.cli.messages import operator_errors
from makersync.errors import OperatorError
from makersync.mail.addresses import address_key
from makersync.members.address_releasing import Held, held, release
from makersync.runtime.service import Context
from makersync.store.operator_log import SqlOperatorLog

out = Console(highlight=False, soft_wrap=True)


def member_commands(name: str, run: RunStep) -> typer.Typer:
    """The command group `makersync <name> members`."""
    app = typer.Typer(
        help=f"See how people sign in, and free their addresses. Example: makersync {name} members show jo@example.org",
        no_args_is_help=True,
    )

    @app.command(
        "show",
        help="Say who signs in with an address, and how: by a password, an account at an OpenID provider, a second step. "
        f"Example: makersync {name} members show jo@example.org",
    )
    def show_command(
        address: Annotated[str, typer.Argument(help="The e-mail address; capital letters do not matter.")],
    ) -> None:
        with operator_errors():
            found = run(lambda context: _held(context, address_key(address.strip())))
        out.print(_in_words(found))

    @app.command(
        "release",
        help="Free an address: remove whoever signs in with it, and end the invitations to it, after asking. Also the last "
        "administrator of an organisation is removed; the question says so. Its owner can be invited then. Example: "
        f"makersync {name} members release jo@example.org",
    )
    def release_command(
        address: Annotated[str, typer.Argument(help="The e-mail address; capital letters do not matter.")],
        yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    ) -> None:
        with operator_errors():
            key = address_key(address.strip())
            found = run(lambda context: _held(context, key))
            confirm(f"{_in_words(found)} Free the address?", yes)
            run(lambda context: _released(context, key, found))
        out.print("The address is free.")

    return app


def _in_words(found: Held) -> str:
    invited = f" Invitations to it: {found.invitations}." if found.invitations else ""
    if found.member_id is None:
        return f"Nobody signs in with it.{invited}"
    verified = "verified" if found.is_verified else "never verified"
    ways = f" By {', '.join(found.ways_in)}." if found.ways_in else ""
    only = f" Nobody else of {found.organisation_id} has the role {found.only_role}." if found.only_role else ""
    return f"{found.member_id} of {found.organisation_id} signs in with it, {verified}.{ways}{only}{invited}"


async def _held(context: Context, key: str) -> Held:
    """Raises OperatorError when there is nothing to free."""
    async with context.store.reading() as session:
        found = await held(session, key)
    if found.member_id is None and not found.invitations:
        raise OperatorError("Nobody signs in with this address, and nobody is invited to it.")
    return found


async def _released(context: Context, key: str, confirmed: Held) -> None:
    """Raises OperatorError when the address is held by another member than the one that was confirmed."""
    async with context.store.transaction() as session:
        released = await release(session, context.clock, key, confirmed.member_id)
        if released is None:
            raise OperatorError("Another member signs in with the address by now: look again.")
        log = SqlOperatorLog(session, HOST, context.clock)
        detail = {"member": released.member_id or "", "invitations": str(released.invitations)}
        log.note("address_released", released.organisation_id, detail)

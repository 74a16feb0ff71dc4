"""People who sign in as operators, managed on the host of a service: the first one, and others when all are away.

The audit table names `host` as the actor, as it does for keys.
"""

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from makersync.cli.key_commands import HOST, RunStep
from makersync.cli.messages import operator_errors
from makersync.errors import OperatorError
from makersync.http.pepper import read_pepper
from makersync.http.problems import Problem
from makersync.members.joining import JOIN_PATH, Joining, MemberInvitation
from makersync.members.membership import members_of, remove_member
from makersync.members.offer import OPERATOR_ROLES, OPERATORS, MembersOffer
from makersync.pages.page_address import page_address
from makersync.runtime.documents import installed_service
from makersync.runtime.service import Context
from makersync.store.operator_log import SqlOperatorLog

out = Console(highlight=False, soft_wrap=True)
[ROLE] = OPERATOR_ROLES


def operator_commands(name: str, run: RunStep) -> typer.Typer:
    """The command group `makersync <name> operators`."""
    app = typer.Typer(
        help=f"Invite, list and remove people who sign in as operators. Example: makersync {name} operators list",
        no_args_is_help=True,
    )

    @app.command(
        "invite", help=f"Make a link that makes a person an operator. Example: makersync {name} operators invite jo@example.org"
    )
    def invite_command(address: Annotated[str, typer.Argument(help="The person's e-mail address.")]) -> None:
        with operator_errors():
            members = _members_of(name)
            out.print(run(lambda context: _invited(context, members, address)))

    @app.command("list", help=f"List the people who sign in as operators. Example: makersync {name} operators list")
    def list_command() -> None:
        with operator_errors():
            out.print(run(_listed))

    @app.command(
        "remove", help=f"Remove a person at once. Example: makersync {name} operators remove mem_01kb1q5ve0m9x4w8d4s9b7k3qa"
    )
    def remove_command(member_id: Annotated[str, typer.Argument(help="Id of the person, from the list.")]) -> None:
        with operator_errors():
            run(lambda context: _removed(context, member_id))
        out.print("Removed, and signed out everywhere.")

    return app


def _members_of(name: str) -> MembersOffer:
    site = installed_service(name).site
    if site is None:
        raise OperatorError(f"{name} has no pages, so nobody signs in there.")
    return site.members


async def _invited(context: Context, members: MembersOffer, address: str) -> str:
    """What the host is told, with the link, also where the service sends mail: it is the way in when mail is away, and whoever
    has the host has the database."""
    pepper, settings = read_pepper(context.settings), context.settings
    async with context.store.transaction() as session:
        try:
            joining = Joining(session, pepper, context.clock, members)
            issued = await joining.invite(MemberInvitation(OPERATORS, address, ROLE))
        except Problem as problem:
            raise OperatorError(problem.errors[0].detail if problem.errors else problem.detail) from problem
        SqlOperatorLog(session, HOST, context.clock).note("member_invited", OPERATORS, {"role": ROLE})
    return (
        f"A link for {issued.address}, shown this once. It works once, until {issued.until:%Y-%m-%d %H:%M} UTC. It verifies no "
        "address: whoever opens it first becomes the operator.\n"
        f"{page_address(settings)}{JOIN_PATH}/{issued.token}"
    )


async def _listed(context: Context) -> Table:
    table = Table("member", "name", "address", "since", box=None)
    async with context.store.reading() as session:
        for row in await members_of(session, OPERATORS):
            table.add_row(row.member_id, row.name, row.address, f"{row.created_at:%Y-%m-%d %H:%M}")
    return table


async def _removed(context: Context, member_id: str) -> None:
    async with context.store.transaction() as session:
        if not await remove_member(session, context.clock, OPERATORS, member_id):
            raise OperatorError("Nobody signs in as operator under this id: see the list.")
        SqlOperatorLog(session, HOST, context.clock).note("member_removed", OPERATORS, {"member": member_id})

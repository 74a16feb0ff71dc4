"""`makersync republish`: the newest event of a subject, or of everything a service has published, once more."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from makersync.cli.messages import operator_errors
from makersync.cli.service_store import existing_store
from makersync.effects.log_identity import publish_again
from makersync.errors import OperatorError

app = typer.Typer(
    help="Publish newest events again. Example: makersync republish openings",
    invoke_without_command=True,
    # A group takes no option after an argument unless it is told to.
    context_settings={"allow_interspersed_args": True},
    subcommand_metavar="",
)


@app.callback()
def republish(
    service: Annotated[str, typer.Argument(help="openings, learners or matching.")],
    subject: Annotated[str | None, typer.Option(help="One subject's id; default: everything of the service.")] = None,
) -> None:
    """Publish the newest event of every key again; readers ignore what they have. Example: makersync republish learners
    --subject lrn_01k9..."""
    with operator_errors():
        count = asyncio.run(_republish(service, subject))
    Console(highlight=False).print(f"{count} event{'' if count == 1 else 's'} will be published again by the running service.")


async def _republish(service: str, subject: str | None) -> int:
    async with existing_store(service) as store, store.transaction() as session:
        count = await publish_again(session, subject=subject)
    if subject is not None and count == 0:
        raise OperatorError(f"{service} has published nothing of {subject}.")
    return count

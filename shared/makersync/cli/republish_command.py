"""`makersync republish`: the newest event of a subject, or of everything a service has published, once more."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from makersync.cli.messages import operator_errors
from makersync.effects.log_identity import publish_again
from makersync.errors import OperatorError
from makersync.runtime.service import database_url
from makersync.settings import Settings
from makersync.store.database import Store

app = typer.Typer(help="Publish newest events again. Example: makersync republish openings", invoke_without_command=True)


@app.callback()
def republish(
    service: Annotated[str, typer.Argument(help="openings, learners or matching.")],
    subject: Annotated[str | None, typer.Option(help="One subject's id; default: everything of the service.")] = None,
) -> None:
    """Publish the newest event of every key again; readers ignore what they have. Example: makersync republish learners
    --subject lrn_01k9..."""
    with operator_errors():
        count = asyncio.run(_republish(service, subject))
    Console(highlight=False).print(f"{count} events will be published again by the running service.")


async def _republish(service: str, subject: str | None) -> int:
    store = Store(database_url(service, Settings()))
    try:
        async with store.transaction() as session:
            count = await publish_again(session, subject=subject)
    finally:
        await store.close()
    if subject is not None and count == 0:
        raise OperatorError(f"{service} has published nothing of {subject}.")
    return count

"""`makersync republish`: publishes the newest events of a subject, or of a whole service, again."""

import asyncio
import getpass
from typing import Annotated

import typer
from rich.console import Console

from makersync.cli.messages import operator_errors
from makersync.cli.service_store import existing_store
from makersync.clock import WallClock
from makersync.effects.log_identity import publish_again
from makersync.effects.refused_events import try_again
from makersync.errors import OperatorError
from makersync.store.tables import AuditRow

app = typer.Typer(
    invoke_without_command=True,
    # By default a group accepts no options after an argument.
    context_settings={"allow_interspersed_args": True},
    subcommand_metavar="",
)


@app.callback()
def republish(
    service: Annotated[str, typer.Argument(help="openings, learners or matching.")],
    subject: Annotated[str | None, typer.Option(help="Only the subject with this id. Default: all of the service.")] = None,
    only_refused: Annotated[bool, typer.Option("--refused", help="Only events that the broker has refused.")] = False,
) -> None:
    """Publish the newest event of every key again.

    Use it when topics have lost records, or with --refused once the cause is fixed for which the broker refused events.
    Without --refused it includes both. Events keep their ids and versions, so consumers ignore those that they have applied.
    The running service publishes them.

    Example: makersync republish learners --subject lrn_01k9..."""
    with operator_errors():
        count = asyncio.run(_republish(service, subject, only_refused))
    Console(highlight=False).print(f"{count} event{'' if count == 1 else 's'} will be published again by the running service.")


async def _republish(service: str, subject: str | None, only_refused: bool) -> int:
    clock = WallClock()
    async with existing_store(service) as store, store.transaction() as session:
        count = 0 if only_refused else await publish_again(session, subject=subject)
        count += await try_again(session, clock, service, subject)
        detail = {"subject": subject, "only_refused": only_refused, "events": count}
        session.add(AuditRow(at=clock.now(), actor=getpass.getuser(), action="republish", subject=service, detail=detail))
    if count == 0 and (subject is not None or only_refused):
        did = "has no refused event" if only_refused else "has published nothing"
        raise OperatorError(f"{service} {did}{'' if subject is None else f' of {subject}'}.")
    return count

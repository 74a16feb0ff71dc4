"""`makersync matching ...`: the commands that every service has, and the explanation of a pair."""

from typing import Annotated

import typer
from rich.console import Console

from makersync.cli.messages import operator_errors
from makersync.cli.service_commands import run_with_context, service_commands
from makersync.errors import OperatorError
from makersync.runtime.service import Context
from makersync.store.migrations import require_migrated
from matching.adapters.explanation_repository import live_explanation
from matching.domain.explanation.findings import Explanation, ShortlistPlace
from matching.entrypoints.day_command import add_set_day
from matching.entrypoints.explanation_text import show_explanation
from matching.entrypoints.explanation_views import ExplanationView
from matching.entrypoints.history_command import add_history_import
from matching.entrypoints.past_command import explain_past, read_past, show_past

app = service_commands("matching")
add_history_import(app)
add_set_day(app)
out = Console(highlight=False, soft_wrap=True)


@app.command("explain")
def explain_command(
    opening: Annotated[str, typer.Argument(help="The opening's id.")],
    learner: Annotated[str, typer.Argument(help="The learner's id.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    at: Annotated[
        str | None, typer.Option(help="As it was at an event of the pair, such as match-2, or at a moment. Default: now.")
    ] = None,
    events: Annotated[bool, typer.Option("--events", help="List what happened to the pair instead.")] = False,
) -> None:
    """Explain why a learner matches an opening or not, from the stored state, now or as it was.

    Example: makersync matching explain opn_01k9... lrn_01k9... --at match-2"""
    with operator_errors():
        if events:
            show_past(out, run_with_context("matching", lambda context: read_past(context, opening, learner)))
            return
        explained, place = run_with_context("matching", lambda context: explain_stored(context, opening, learner, at))
    if as_json:
        typer.echo(ExplanationView.of(explained, place).as_json())
    else:
        show_explanation(out, explained, place)


async def explain_stored(
    context: Context, opening: str, learner: str, at: str | None = None
) -> tuple[Explanation, ShortlistPlace]:
    """Now, or as it was. Raises OperatorError."""
    return await (explain_live(context, opening, learner) if at is None else explain_past(context, opening, learner, at))


async def explain_live(context: Context, opening: str, learner: str) -> tuple[Explanation, ShortlistPlace]:
    """Raises OperatorError when there is no such pair."""
    await require_migrated(context.store, "matching")
    async with context.store.snapshot() as session:
        found = await live_explanation(session, context.clock, opening, learner)
    if found is None:
        raise OperatorError(f"There is no opening {opening} or no learner {learner}.")
    return found

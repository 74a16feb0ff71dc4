"""`makersync matching history-import`: a simulated past, for demonstrations."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from makersync.cli.messages import operator_errors
from makersync.cli.service_commands import run_with_context
from makersync.errors import OperatorError
from makersync.runtime.service import Context
from makersync.store.migrations import require_migrated
from matching.adapters.history_file import import_past, read_past

out = Console(highlight=False, soft_wrap=True)


def add_history_import(app: typer.Typer) -> None:
    """Add the command to the service's own."""

    @app.command(
        "history-import",
        help="Import a simulated history for demonstrations. Indicators that are computed from it are marked as "
        "simulated, until real history has replaced it. "
        "Example: makersync matching history-import past.jsonl",
    )
    def history_import(
        file: Annotated[Path, typer.Argument(help='JSON lines: {"cell_day": {...}} or {"opening_life": {...}}.')],
    ) -> None:
        with operator_errors():
            days, lives = run_with_context("matching", lambda context: _import(context, file))
        out.print(f"{file}: {days} simulated days of cells and {lives} simulated openings are remembered.")


async def _import(context: Context, file: Path) -> tuple[int, int]:
    await require_migrated(context.store, "matching")
    try:
        with file.open("rb") as lines:
            past = read_past(lines, context.clock.today())
    except OSError as error:
        raise OperatorError(f"{file} cannot be read: {error.strerror}.") from error
    return await import_past(context.store, context.settings.partitions, past)

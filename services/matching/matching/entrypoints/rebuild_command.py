"""`makersync rebuild`: a lost matching database from the topics."""

import typer
from rich.console import Console
from rich.progress import Progress

from contracts.topics import BY_NAME
from makersync.broker.deployment_zone import demand_time_zone
from makersync.broker.kafka import KafkaBroker
from makersync.broker.topics import check_topics
from makersync.cli.ending_sessions import sign_all_out
from makersync.cli.messages import operator_errors
from makersync.cli.service_commands import run_with_context
from makersync.effects.log_identity import recognise_log
from makersync.runtime.service import Context
from makersync.store.migrations import require_migrated
from matching.adapters.rebuilding import require_empty, restore
from matching.adapters.rebuilt_rows import OWN, TAKEN

app = typer.Typer(invoke_without_command=True)


@app.callback()
def rebuild() -> None:
    """Rebuild a lost matching database from the topics.

    Stop every matching process and migrate an empty database first. Subjects come from the topics of the other services,
    matches, cells, pathways and reach from matching's own. Started again, the service evaluates them and publishes only
    what differs.

    Example: makersync matching migrate && makersync rebuild
    """
    with operator_errors():
        count = run_with_context("matching", _rebuild)
    Console(highlight=False).print(
        f"{count} subjects, pairs and cells are back. Start the service: it evaluates and publishes what differs."
    )


async def _rebuild(context: Context) -> int:
    await require_migrated(context.store, "matching")
    await require_empty(context.store)
    broker = KafkaBroker(context.settings)
    try:
        await check_topics(broker, [*OWN, *(BY_NAME[name] for name in TAKEN)], context.settings)
        await demand_time_zone(broker, context.settings.time_zone)
        log_id = await recognise_log(context.store, broker, context.settings.on_replaced_log)
        await sign_all_out(context.store, Console(highlight=False))
        return await _restore_showing_progress(context, broker, log_id)
    finally:
        await broker.close()


async def _restore_showing_progress(context: Context, broker: KafkaBroker, log_id: str) -> int:
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("Reading the topics")

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        return await restore(context, broker, log_id, progress)

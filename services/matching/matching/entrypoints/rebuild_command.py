"""`makersync rebuild`: a lost matching database from the topics."""

import typer
from rich.console import Console
from rich.progress import Progress

from makersync.broker.kafka import KafkaBroker
from makersync.broker.topics import check_partitions
from makersync.cli.messages import operator_errors
from makersync.contracts.topics import BY_NAME
from makersync.effects.log_identity import recognise_log
from makersync.runtime.service import Context
from makersync.runtime.service_commands import run_with_context
from makersync.store.migrations import require_migrated
from matching.adapters.rebuilding import OWN, READERS, Newest, read_topics, require_empty, write_market
from matching.bootstrap import definition

app = typer.Typer(
    help="Rebuild a lost matching database from the topics. Example: makersync rebuild", invoke_without_command=True
)


@app.callback()
def rebuild() -> None:
    """Rebuild a lost matching database from the topics, its own included.

    Stop every matching process and migrate an empty database first. Example: makersync matching migrate && makersync rebuild
    """
    with operator_errors():
        count = run_with_context(definition(), _rebuild)
    Console(highlight=False).print(
        f"{count} subjects, pairs and cells are back. Start the service: it evaluates and publishes what differs."
    )


async def _rebuild(context: Context) -> int:
    await require_migrated(context.store, "matching")
    await require_empty(context.store)
    broker = KafkaBroker(context.settings)
    try:
        await check_partitions(broker, [BY_NAME[name] for name in (*OWN, *READERS)], context.settings)
        log_id = await recognise_log(context.store, broker, context.settings.on_replaced_log)
        newest = await _read_showing_progress(broker)
        return await write_market(context.store, context.clock, newest, log_id)
    finally:
        await broker.close()


async def _read_showing_progress(broker: KafkaBroker) -> Newest:
    console = Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("Reading the topics")
        return await read_topics(broker, lambda done, total: bar.update(task, completed=done, total=total))

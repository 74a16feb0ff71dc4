"""`makersync topics`: the one-shot job that makes the topics and writes the log's identity."""

import asyncio

import typer
from rich.console import Console

from makersync.broker.kafka import KafkaBroker
from makersync.broker.topics import ensure_topics
from makersync.cli.messages import operator_errors
from makersync.settings import Settings

app = typer.Typer(help="Topics of the event log. Example: makersync topics create", no_args_is_help=True)


@app.callback()
def topics() -> None:
    """Keeps `create` a sub-command although it is the only one."""


@app.command("create")
def create() -> None:
    """Create the topics that do not exist, and the log's identity. Example: MAKERSYNC_PARTITIONS=8 makersync topics create"""
    with operator_errors():
        created = asyncio.run(_create())
    Console(highlight=False).print(f"Created {', '.join(sorted(created))}." if created else "All topics exist.")


async def _create() -> frozenset[str]:
    settings = Settings()
    broker = KafkaBroker(settings)
    try:
        return await ensure_topics(broker, settings)
    finally:
        await broker.close()

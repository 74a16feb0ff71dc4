"""`makersync topics`: creates the topics and the log's identity, and checks the topics."""

import asyncio

import typer
from rich.console import Console

from makersync.broker.kafka import KafkaBroker
from makersync.broker.topic_shape import Misfit
from makersync.broker.topics import ensure_topics, judge_topics
from makersync.cli.messages import operator_errors
from makersync.errors import OperatorError
from makersync.settings import Settings
from makersync.topic import installed_topics

app = typer.Typer(help="Create and check the topics of the event log. Example: makersync topics create", no_args_is_help=True)


@app.command("create")
def create() -> None:
    """Create the topics that do not exist yet, and the record that identifies the log.

    Example: MAKERSYNC_PARTITIONS=8 makersync topics create"""
    with operator_errors():
        created = asyncio.run(_create())
    Console(highlight=False).print(f"Created {', '.join(sorted(created))}." if created else "All topics exist.")


async def _create() -> frozenset[str]:
    settings = Settings()
    broker = KafkaBroker(settings)
    try:
        return await ensure_topics(broker, installed_topics(), settings)
    finally:
        await broker.close()


@app.command("check")
def check() -> None:
    """Check the settings of the topics as readiness does, and say how to correct them. Example: makersync topics check"""
    with operator_errors():
        wrong = asyncio.run(_check())
        if wrong:
            raise OperatorError("\n".join(f"{str(each)[0].upper()}{str(each)[1:]}." for each in wrong))
    Console(highlight=False).print("All topics are as they must be.")


async def _check() -> list[Misfit]:
    settings = Settings()
    broker = KafkaBroker(settings)
    try:
        return await judge_topics(broker, installed_topics(), settings)
    finally:
        await broker.close()

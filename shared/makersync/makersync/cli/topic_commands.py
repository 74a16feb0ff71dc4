"""`makersync topics`: creates the topics and the log's identity, checks the topics, and changes the deployment's time zone."""

import asyncio
from contextlib import suppress
from typing import Annotated

import typer
from rich.console import Console

from makersync.broker.deployment_zone import read_time_zone, state_time_zone
from makersync.broker.kafka import KafkaBroker
from makersync.broker.port import Broker
from makersync.broker.topic_shape import TopicProblem
from makersync.broker.topics import ensure_topics, judge_topics
from makersync.cli.confirming import confirm
from makersync.cli.messages import operator_errors
from makersync.clock import WallClock, zone_named
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


async def _check() -> list[TopicProblem]:
    settings = Settings()
    broker = KafkaBroker(settings)
    try:
        return await judge_topics(broker, installed_topics(), settings)
    finally:
        await broker.close()


@app.command("set-time-zone")
def set_time_zone(
    yes: Annotated[
        bool, typer.Option("--yes", help="Every process of every service is stopped: change it without asking.")
    ] = False,
) -> None:
    """Change the time zone of the deployment to MAKERSYNC_TIME_ZONE, while every service is stopped.

    Example: MAKERSYNC_TIME_ZONE=America/Chicago makersync topics set-time-zone --yes"""
    with operator_errors():
        confirm("The days of every market will end at another time. Are all services stopped?", yes)
        Console(highlight=False, soft_wrap=True).print(asyncio.run(_set_time_zone(Settings())))


async def _set_time_zone(settings: Settings) -> str:
    broker = KafkaBroker(settings)
    try:
        return await change_time_zone(broker, settings.time_zone)
    finally:
        await broker.close()


async def change_time_zone(broker: Broker, name: str) -> str:
    """Returns what was done, and what is left to do."""
    former = await read_time_zone(broker)
    if former == name:
        return f"The days of this deployment end at midnight in {name} already; nothing was changed."
    await state_time_zone(broker, name)
    done = f"The days of this deployment end at midnight in {name}, no longer in {former}. Start every service with it."
    return f"{done}{_what_goes_back(former, name)}"


def _what_goes_back(former: str, name: str) -> str:
    """What to do if it is an earlier date in the new zone; nothing if this machine does not know the former one any more."""
    with suppress(ValueError):
        before, today = (WallClock(zone_named(each)).today() for each in (former, name))
        if today < before:
            return (
                f"\nThere it is still {today}, and what ends before {before} may have lapsed. Take that back once they run: "
                f"`makersync matching set-day {today}` and `makersync openings set-day {today}`."
            )
    return ""

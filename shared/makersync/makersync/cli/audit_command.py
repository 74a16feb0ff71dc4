"""`makersync audit`: checks that the services' stores, the log, matching and the published results agree."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import Console

from makersync.broker.deployment_zone import demand_time_zone
from makersync.broker.kafka import KafkaBroker
from makersync.broker.port import Broker, Tail
from makersync.broker.topics import check_topics
from makersync.cli.messages import operator_errors
from makersync.clock import Clock
from makersync.effects.audit_report import AuditReport, compare_with_log, log_disagreements
from makersync.effects.log_reading import LogReading, own_readers, read_on
from makersync.errors import OperatorError
from makersync.runtime.documents import installed_services
from makersync.runtime.service import ServiceDefinition, clock_of, database_url, require_database
from makersync.settings import Settings
from makersync.store.database import Store
from makersync.store.migrations import require_migrated
from makersync.topic import installed_topics

app = typer.Typer(invoke_without_command=True)
out = Console(highlight=False, soft_wrap=True, markup=False)
DIFFERS = 1
#: Between two rounds. A difference that is the same in both rounds was not in progress.
LOOK_EVERY_S = 2.0

Url = Annotated[str, typer.Option(help="SQLAlchemy URL. Default: MAKERSYNC_<SERVICE>_DATABASE_URL, or else the state folder.")]


@app.callback()
def audit(
    openings_url: Url = "",
    learners_url: Url = "",
    matching_url: Url = "",
    wait: Annotated[
        float, typer.Option(min=0, help="Seconds to wait for events in flight before reporting a difference.")
    ] = 30.0,
    show: Annotated[int, typer.Option(min=0, help="The number of differences of each kind to print.")] = 5,
) -> None:
    """Check that the services' databases, the event log and the published results agree.

    Run it after an incident or a restore, or regularly. It compares what each service stores, including the shortlists,
    signals, pathways and reach, with the newest event of every key, and the live matches with the matching rules. It only
    reads. It needs access to the databases of all three services. Status 1: something differs.

    Example: makersync audit --wait 60"""
    with operator_errors():
        urls = {"openings": openings_url, "learners": learners_url, "matching": matching_url}
        verdict = asyncio.run(_audit(urls, wait))
    _print(verdict, show)
    raise typer.Exit(DIFFERS if verdict.disagreements else 0)


async def _audit(urls: Mapping[str, str], wait_s: float) -> AuditReport:
    settings = Settings()
    broker = KafkaBroker(settings)
    try:
        async with _opened(urls, settings) as stores:
            await check_topics(broker, installed_topics(), settings)
            await demand_time_zone(broker, settings.time_zone)
            log = LogReading(own_readers(installed_topics()), settings.partitions)
            return await settled_verdict(log, broker, stores, clock_of(settings), wait_s)
    finally:
        await broker.close()


@dataclass(frozen=True, slots=True)
class AuditedService:
    definition: ServiceDefinition
    store: Store


@asynccontextmanager
async def _opened(urls: Mapping[str, str], settings: Settings) -> AsyncIterator[list[AuditedService]]:
    services = [AuditedService(one, Store(_url(name, urls, settings))) for name, one in installed_services().items()]
    try:
        for each in services:
            await require_migrated(each.store, each.definition.name)
        yield services
    finally:
        for each in services:
            await each.store.close()


def _url(name: str, urls: Mapping[str, str], settings: Settings) -> str:
    """Raises OperatorError if there is no database."""
    given = urls.get(name) or os.environ.get(f"MAKERSYNC_{name.upper()}_DATABASE_URL", "")
    if not given and settings.database_url:
        raise OperatorError(
            f"MAKERSYNC_DATABASE_URL names one database, and the audit needs each service's: give --{name}-url or "
            f"MAKERSYNC_{name.upper()}_DATABASE_URL."
        )
    its_own = settings.model_copy(update={"database_url": given})
    require_database(name, its_own)
    return database_url(name, its_own)


async def settled_verdict(
    log: LogReading, broker: Broker, services: list[AuditedService], clock: Clock, wait_s: float
) -> AuditReport:
    """Repeat the comparison until nothing differs or the time is over; then report what differed in the same way in two
    rounds."""
    tail = await broker.tail([topic.name for topic in installed_topics()])
    until = clock.monotonic() + wait_s
    try:
        verdict = await _verdict(log, broker, tail, services, clock)
        while verdict.disagreements and clock.monotonic() < until:
            await asyncio.sleep(min(LOOK_EVERY_S, wait_s))
            before, verdict = verdict, await _verdict(log, broker, tail, services, clock)
            stayed = set(before.disagreements) & set(verdict.disagreements)
            if not stayed:
                verdict.disagreements.clear()
            elif clock.monotonic() >= until:
                verdict.disagreements = sorted(stayed)
    finally:
        await tail.close()
    return verdict


async def _verdict(log: LogReading, broker: Broker, tail: Tail, services: list[AuditedService], clock: Clock) -> AuditReport:
    await read_on(log, broker, tail)
    verdict = AuditReport(log_disagreements(log))
    for each in services:
        await compare_with_log(log, each.store, each.definition.views, verdict)
        if each.definition.law is not None:
            verdict.disagreements += await each.definition.law(each.store, clock)
    return verdict


def _print(verdict: AuditReport, most: int) -> None:
    for view, count in verdict.compared.items():
        out.print(f"{view}: {count} compared, {sum(each.view == view for each in verdict.disagreements)} differ")
    counts = Counter((each.view, each.kind) for each in verdict.disagreements)
    for (view, kind), count in sorted(counts.items()):
        out.print(f"{count}  {view}: {kind}")
        for each in [one for one in verdict.disagreements if (one.view, one.kind) == (view, kind)][:most]:
            out.print(f"    {each.key}: {each.line}")
    out.print(f"{len(verdict.disagreements)} differences." if verdict.disagreements else "All say the same.")

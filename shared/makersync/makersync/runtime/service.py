"""What a service consists of, and what its parts receive. Each service's `bootstrap.definition()` creates its definition."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fastapi import APIRouter
from sqlalchemy import MetaData
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.port import Broker
from makersync.broker.topics import expected_partitions
from makersync.clock import CheckedClock, Clock, DayFileClock, WallClock
from makersync.effects.audit_report import AuditView, Disagreement
from makersync.effects.consumer_port import Consumer
from makersync.effects.outbox import Outbox
from makersync.effects.own_topics import OwnTopics
from makersync.effects.publisher import Duty
from makersync.effects.reconciling import Reconciler
from makersync.errors import OperatorError
from makersync.mail.offer import MailOffer
from makersync.pages.site import SiteOffer
from makersync.runtime.drafts import DraftCount
from makersync.runtime.trouble import Troubles, no_troubles
from makersync.settings import Settings
from makersync.store.database import Store
from makersync.telemetry import Metrics, create_metrics
from makersync.topic import Topic


@dataclass(frozen=True, slots=True)
class Context:
    """The shared objects that a running service's parts receive. `stopping` is set once the process is to end."""

    settings: Settings
    store: Store
    clock: Clock
    outbox: Outbox
    metrics: Metrics
    stopping: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Periodic:
    """A step that each process runs every `interval_s` seconds; it must be safe to run in two processes at once.

    A step with `publishes` writes events to the service's own topics, and waits while the store is behind them.
    """

    name: str
    interval_s: float
    step: Callable[[], Awaitable[object]]
    publishes: bool = False


def _nothing(_context: Context) -> Sequence[Periodic]:
    return ()


def _no_duties(_context: Context, _broker: Broker) -> Sequence[Duty]:
    return ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of the service, in words, with the address of the page that shows more."""

    label: str
    value: str
    note: str = ""
    link: str | None = None


Figures = Callable[[AsyncSession, Clock], Awaitable[Sequence[Figure]]]


async def _no_figures(_session: AsyncSession, _clock: Clock) -> Sequence[Figure]:
    return ()


async def _no_start(_context: Context) -> None:
    return None


@dataclass(frozen=True, slots=True)
class ServiceDefinition:
    """Everything that distinguishes one service from another.

    `topics` are those that it publishes, and `duties` what else the process does that publishes them; `at_start` runs once
    before anything else (seeding), and must be repeatable; `key_scopes` are the scopes that an organisation's key may have.
    `rules` and `warnings` map the names that its own code uses
    in problems and in warnings to their meanings for the caller.

    `reconciler` is the service's part in reconciling store and log, and `when_reconciled` what else it then does in the last
    transaction. A service whose state is derived entirely from topics has a
    `restorer` instead, which rebuilds the state from them and returns the number of rows. `views` list what the service holds
    for the audit, and `law` checks it against the service's own rules. `when_lost` is the remedy for an empty store, if that is
    not the reconciliation. With `has_webhooks`, processes with the role `sender` send its feed to the organisations' webhooks,
    and with `mail` to people who have agreed. `site` are its pages for people, to which the kit adds those of
    operators, and `figures` what the page of what happens now shows besides, with the `troubles` that the service has by rules
    of its own. `drafts` counts the drafts of openings that wait in the service, where they do.
    """

    name: str
    title: str
    metadata: Sequence[MetaData]
    topics: Sequence[Topic]
    consumers: Callable[[Context], Sequence[Consumer]]
    routers: Callable[[Context], Sequence[APIRouter]]
    periodic: Callable[[Context], Sequence[Periodic]] = _nothing
    duties: Callable[[Context, Broker], Sequence[Duty]] = _no_duties
    at_start: Callable[[Context], Awaitable[None]] = _no_start
    key_scopes: frozenset[str] = field(default_factory=frozenset)
    reconciler: Callable[[Clock], Reconciler] | None = None
    when_reconciled: Callable[[AsyncSession, Clock], Awaitable[None]] | None = None
    views: Sequence[AuditView] = ()
    law: Callable[[Store, Clock], Awaitable[Sequence[Disagreement]]] | None = None
    restorer: Callable[[Context, Broker], Awaitable[int]] | None = None
    when_lost: str = ""
    has_webhooks: bool = False
    mail: MailOffer | None = None
    drafts: DraftCount | None = None
    site: SiteOffer | None = None
    figures: Figures = _no_figures
    troubles: Troubles = no_troubles
    rules: Mapping[str, str] = field(default_factory=dict)
    warnings: Mapping[str, str] = field(default_factory=dict)


SQLITE = "sqlite+aiosqlite:///"
#: Around midnight two correct clocks may differ by one day. The date of a rehearsal may lie anywhere in the past.
MOST_BEHIND_DAYS = 1


def database_url(name: str, settings: Settings) -> str:
    """The configured database, or else a SQLite file in the state folder, named after the service."""
    return settings.database_url or f"{SQLITE}{(settings.state_folder / name).resolve()}.sqlite"


def database_file(name: str, settings: Settings) -> Path | None:
    """The path of the database, if it is a file."""
    url = database_url(name, settings)
    return Path(url.removeprefix(SQLITE)) if url.startswith(SQLITE) else None


def require_database(name: str, settings: Settings) -> None:
    """Raises OperatorError if the file does not exist: SQLite would create an empty one."""
    file = database_file(name, settings)
    if file is not None and not file.is_file():
        raise OperatorError(
            f"There is no database of {name} at {file}. Say where it is, MAKERSYNC_STATE_FOLDER or MAKERSYNC_DATABASE_URL; or "
            f"make it: makersync {name} migrate"
        )


def own_topics(definition: ServiceDefinition, settings: Settings) -> OwnTopics:
    partitions = {topic.name: expected_partitions(topic, settings) for topic in definition.topics}
    return OwnTopics(definition.name, partitions, definition.when_lost)


def clock_of(settings: Settings) -> Clock:
    if settings.day_file is not None:
        return CheckedClock(DayFileClock(settings.day_file, settings.zone), settings.day_ahead_max)
    return CheckedClock(WallClock(settings.zone), settings.day_ahead_max, MOST_BEHIND_DAYS)


def context_of(definition: ServiceDefinition, settings: Settings, is_new: bool = False) -> Context:
    """The wiring that every service shares. The caller must close its store. Raises OperatorError if there is no database,
    unless it is about to be created (`is_new`)."""
    if not is_new:
        require_database(definition.name, settings)
    clock = clock_of(settings)
    store = Store(database_url(definition.name, settings))
    return Context(
        settings, store, clock, Outbox(f"/makersync/{definition.name}", clock, settings.partitions), create_metrics()
    )

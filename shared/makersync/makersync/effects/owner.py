"""The process behind a hold or a lease."""

from dataclasses import dataclass

from makersync.clock import Clock
from makersync.store.database import Store
from makersync.telemetry import Metrics


@dataclass(frozen=True, slots=True)
class Owner:
    """A process that holds partitions: its name in fence rows, its database, clock and metrics."""

    name: str
    store: Store
    clock: Clock
    metrics: Metrics

"""What a service gives the consumer loop: which topics, how to read them, and what each partition does."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.effects.fence import Hold, Standing
from makersync.effects.reading import Reader, Reading, Received
from makersync.store.database import Store

Batch = Sequence[Received[Reading]]


@dataclass(frozen=True, slots=True)
class KnownSubject:
    """What a consumer knows of a subject before an event: its newest version, 0 for none, and whose it is: `employer_id`,
    `provider_id`, as far as the consumer is sure of them."""

    version: int = 0
    owners: Mapping[str, str] = field(default_factory=dict)


class PartitionWork(Protocol):
    """The state and the effects of one partition number of a consumer. One instance lives from assignment to loss."""

    async def load(self, session: AsyncSession, hold: Hold) -> None:
        """Build the state from the service's own database; `hold.standing` says what it stands on."""
        ...

    def due(self, standing: Standing) -> bool:
        """Whether there is work without any event: a day that passed, a catalog that moved on. Not asked while records wait."""
        ...

    async def known(self, store: Store, batch: Batch) -> Sequence[KnownSubject]:
        """What is known of the subject of each event, before the batch; asked of events that tell whose their subject is, and
        of those whose subject has dead letters. Changes nothing."""
        ...

    async def prepare(self, batch: Batch, behind: int = 0) -> Any:
        """Apply the batch (in order; may be empty when `due`) to the state in memory; what it returns goes to `write`.

        `behind` records are known to wait after the batch: what follows from them together can be left to the last of them.
        Copies and late twins of what was seen already must change nothing (versions). Heavy work leaves the loop. After any
        failure from here on the instance is thrown away and a new one loads.
        """
        ...

    async def write(self, session: AsyncSession, prepared: Any, standing: Standing) -> Standing:
        """Write the effects and the events into the transaction that moves the offsets; returns the new standing."""
        ...


@dataclass(frozen=True, slots=True)
class Consumer:
    """A consumer group of a service. `readers` maps each topic's name to how it is read; topics by region are
    co-partitioned. `work` makes the state of a partition number. `after` names a consumer of the same service that must
    once have read all that its topics held before this one takes any partition. One whose work is told on the service's own
    topics (`publishes`) holds none while the store is behind them."""

    name: str
    readers: Mapping[str, Reader]
    work: Callable[[int], PartitionWork]
    after: "Consumer | None" = None
    publishes: bool = False

    @property
    def topics(self) -> tuple[str, ...]:
        return tuple(self.readers)

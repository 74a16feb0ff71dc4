"""What a service supplies to the consumer loop: which topics, how to read them, and the work of each partition."""

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
    """What a consumer knows about a subject before an event: its newest version (0 for none), and its `employer_id` or
    `provider_id` where the consumer is certain of it."""

    version: int = 0
    owners: Mapping[str, str] = field(default_factory=dict)


class PartitionWork(Protocol):
    """The state and the effects of one partition number of a consumer. One instance lives from assignment until the partition
    is lost."""

    async def load(self, session: AsyncSession, hold: Hold) -> None:
        """Build the state from the service's own database; `hold.standing` names the catalog, day and policy that it is
        built with."""
        ...

    def due(self, standing: Standing) -> bool:
        """Whether there is work to do without an event, such as after midnight or a catalog update. Not called while records
        wait."""
        ...

    async def known(self, store: Store, batch: Batch) -> Sequence[KnownSubject]:
        """What is known about the subject of each event before the batch; must not change anything. Called for events that name
        an owner and for those whose subject has dead letters."""
        ...

    async def prepare(self, batch: Batch, behind: int = 0) -> Any:
        """Apply the batch, in order, to the state in memory; the result is passed to `write`. The batch is empty when work is
        `due`.

        `behind` is the number of records known to wait after the batch: effects that later records would overwrite may be left
        to the last batch. Duplicates and late copies of events must change nothing, by their versions. Heavy work must run
        outside the event loop. After any failure from here on, the instance is discarded and a new one is loaded.
        """
        ...

    async def write(self, session: AsyncSession, prepared: Any, standing: Standing) -> Standing:
        """Write the effects and events into the transaction that commits the offsets; returns the new standing."""
        ...


@dataclass(frozen=True, slots=True)
class Consumer:
    """A consumer group of a service.

    `readers` maps each topic's name to its reader; topics by region are co-partitioned. `work` creates the state of a partition
    number. `after` is a consumer of the same service that must have read its topics to their end once before this one takes a
    partition. A consumer with `publishes` writes events to the service's own topics, and holds no partition while the store is
    behind them.
    """

    name: str
    readers: Mapping[str, Reader]
    work: Callable[[int], PartitionWork]
    after: "Consumer | None" = None
    publishes: bool = False

    @property
    def topics(self) -> tuple[str, ...]:
        return tuple(self.readers)

"""The matching service as one process or several, fed straight through the log; its own fence says how far it is."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlmodel import col, func, select

from demo.market.generated_market import GeneratedMarket
from makersync.broker.port import Outgoing
from makersync.effects.fence import stored
from makersync.store.database import Store
from makersync.store.tables import OutboxRow
from matching.adapters.cell_tables import CellRow
from matching.adapters.match_tables import MatchRow
from matching.adapters.partition_standing import MARKET_CONSUMER
from tests.performance.bulk import Counts, publish
from tests.performance.feeding import opened_feed
from tests.performance.markets import defined
from tests.performance.printing import Told
from tests.performance.processes import Processes
from tests.performance.stages import Stage
from tests.performance.waiting import until

SERVICE = "matching"
LOOK_S = 0.02
#: Long enough to publish a round's events while the process is paused.
SESSION_S = "10"


@dataclass(slots=True)
class Serving:
    """Made by `opened_serving`. What is published through it, or added to `sent`, is what the service must come to.

    `names` are those of its processes, which share the partitions.
    """

    stage: Stage
    processes: Processes
    store: Store
    told: Told
    names: Sequence[str] = (SERVICE,)
    sent: Counts = field(default_factory=Counter)

    async def publish(self, records: Iterable[Outgoing]) -> None:
        self.sent += await publish(self.stage.log.address, records)

    async def start(self) -> None:
        await asyncio.gather(*(self.processes.start(name, session_timeout=SESSION_S) for name in self.names))

    async def stop(self) -> None:
        for name in self.names:
            await self.processes.stop(name)

    async def await_all(self, about: str, patience_s: float) -> None:
        """Until the offsets in its database have passed the last record, and every region is settled. Raises BenchStuck."""
        whole, looked = sum(self.sent.values()), 0.0

        async def is_done() -> bool:
            nonlocal looked
            taken, is_settled = await self._taken()
            if time.monotonic() - looked > 1:
                looked = time.monotonic()
                self.told(f"{about}: {taken:,} of {whole:,} records")
            return is_settled and taken >= whole

        await until(about, is_done, LOOK_S, patience_s)

    async def timed(self, records: Sequence[Outgoing], about: str, patience_s: float) -> float:
        """Seconds from the moment the service may go on until all are taken: it is paused while they are published."""
        with self._paused():
            await self.publish(records)
        begun = time.perf_counter()
        await self.await_all(about, patience_s)
        return time.perf_counter() - begun

    async def await_published(self, patience_s: float) -> None:
        """Until its outbox is empty."""

        async def is_empty() -> bool:
            async with self.store.reading() as session:
                waiting = select(func.count()).select_from(OutboxRow).where(col(OutboxRow.published_at).is_(None))
                return (await session.exec(waiting)).one() == 0

        await until("the outbox is empty", is_empty, 0.2, patience_s)

    async def outcome(self) -> dict[str, float]:
        """Live matches, and cells with a signal."""
        async with self.store.reading() as session:
            matches = (await session.exec(select(func.count()).select_from(MatchRow).where(col(MatchRow.live)))).one()
            signalled = select(func.count()).select_from(CellRow).where(col(CellRow.signal).is_not(None))
            signals = (await session.exec(signalled)).one()
        return {"live matches": float(matches), "signals": float(signals)}

    async def epoch(self, partition: int) -> int:
        """How often the partition has been taken: a new owner raises it before it loads what is stored."""
        async with self.store.reading() as session:
            return next((row.epoch for row in await stored(session, MARKET_CONSUMER) if row.partition == partition), 0)

    def peak_mb(self) -> float:
        """The most memory that each process has ever had resident, together."""
        return sum(self._peak_mb(name) for name in self.names)

    def _peak_mb(self, name: str) -> float:
        status = Path(f"/proc/{self.processes.pid(name)}/status").read_text(encoding="ascii")
        [line] = [line for line in status.splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) / 1024

    @contextmanager
    def _paused(self) -> Iterator[None]:
        for name in self.names:
            self.processes.pause(name)
        try:
            yield
        finally:
            for name in self.names:
                self.processes.resume(name)

    async def _taken(self) -> tuple[int, bool]:
        """How many records, and whether what is stored stands on all of them: where it does not, it stands on no policy."""
        async with self.store.reading() as session:
            rows = await stored(session, MARKET_CONSUMER)
        reached = {(topic, row.partition): offset for row in rows for topic, offset in row.offsets.items()}
        taken = sum(min(reached.get(place, 0), count) for place, count in self.sent.items())
        return taken, all(row.policy_version > 0 for row in rows if row.offsets)


@asynccontextmanager
async def opened_serving(
    stage: Stage, folder: Path, market: GeneratedMarket, told: Told, names: Sequence[str] = (SERVICE,)
) -> AsyncIterator[Serving]:
    """A new log with the catalog in it and a new database; the service is not yet started."""
    await stage.begin_log()
    async with stage.broker() as broker, opened_feed(stage, broker) as feed:
        await feed.publish([*defined(market)])
    async with Processes(stage, folder) as processes:
        await processes.prepare(SERVICE)
        store = Store(processes.databases[SERVICE])
        try:
            yield Serving(stage, processes, store, told, names)
        finally:
            await store.close()

"""The catalog, the policy and the epochs of partitions as this process last read them from the service's database."""

import asyncio

from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.effects.fence import FENCE, stored
from makersync.store.database import Store
from makersync.store.repeated_look import RepeatedLook
from matching.adapters.catalog_repository import load_catalog
from matching.adapters.partition_standing import MARKET_CONSUMER
from matching.adapters.policy_repository import live_policy
from matching.adapters.policy_tables import PolicyRow
from matching.application.settling import RuleSet
from matching.domain.market.catalog import MarketCatalog
from matching.domain.market.policy import Policy

CATALOG_CONSUMER = "matching.catalog"
#: A look costs two small queries; a batch looks at most this often, seconds.
LOOK_EVERY_S = 0.2


class RulesCopy:
    """One instance of the service writes the catalog's events into the database, in the transaction of their offsets, and every
    instance evaluates by what the database holds. So no instance can be behind the rules that a partition's row names."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._next_look = 0.0
        self._look = RepeatedLook(store, clock)
        self._one_at_a_time = asyncio.Lock()
        self.rules = RuleSet(MarketCatalog.of((), ()), -1, Policy())
        self._mark: tuple[int, int, int] | None = None
        self._epochs: dict[int, int] = {}

    async def look(self, at_once: bool = False) -> RuleSet:
        """The rules as the database holds them, read again when the catalog's mark or the policy's version has changed.

        One look at a time, because a slow one could otherwise overwrite what a later one has read. A mark below the last one
        counts as a change too: the database may have been restored.
        """
        now = self._clock.monotonic()
        if not at_once and now < self._next_look:
            return self.rules
        self._next_look = now + LOOK_EVERY_S
        async with self._one_at_a_time:
            if self._look.is_needed():
                await self._read()
                self._look.found_nothing()
        return self.rules

    async def _read(self) -> None:
        # In one snapshot, so that the catalog has the definitions that were counted and no others.
        async with self._store.snapshot() as session:
            self._epochs = await _epochs_of_markets(session)
            fences = await stored(session, CATALOG_CONSUMER)
            written, epochs = sum(row.catalog_offset for row in fences), sum(row.epoch for row in fences)
            version = (await session.exec(select(func.max(PolicyRow.version)))).one() or Policy().version
            if self._mark != (epochs, written, version):
                self.rules = RuleSet(await load_catalog(session), written, await live_policy(session))
                self._mark = (epochs, written, version)

    def epoch_of(self, partition: int) -> int:
        """The epoch of a partition as last seen. If it is above its owner's, another process or an operator has taken it."""
        return self._epochs.get(partition, 0)


async def _epochs_of_markets(session: AsyncSession) -> dict[int, int]:
    query = select(FENCE.c.partition, FENCE.c.epoch).where(FENCE.c.consumer == MARKET_CONSUMER)
    return dict((await session.exec(query)).all())

"""Periodic steps. Every process runs them; each is safe beside the others."""

from learners.adapters.unit_of_work import SERVICE, LearnersUnitsOfWork
from learners.application.placing import place_some
from learners.application.rederiving import rederive_some
from learners.domain.errors import Absent, Stale
from makersync.store.database import Store

#: Batches of one step, so that a large provider takes many steps and the others are not kept waiting.
BATCHES_A_STEP = 20


class EvidenceSweep:
    """Each batch is a transaction of its own; what a crash leaves undone the next step takes up. Safe for two at once."""

    def __init__(self, store: Store, units: LearnersUnitsOfWork) -> None:
        self._store = store
        self._units = units

    async def step(self) -> None:
        for _ in range(BATCHES_A_STEP):
            if not await self._batch():
                return

    async def _batch(self) -> bool:
        try:
            async with self._store.transaction() as session:
                return await rederive_some(self._units.at(session, SERVICE))
        except Stale:
            return False


#: Learners of one step: working out a reach takes the processor up to two milliseconds.
PLACED_AT_ONCE = 50


class ReachSweep:
    """One pass over all learners after each start, since the table changes with a release only. Safe for two at once."""

    def __init__(self, store: Store, units: LearnersUnitsOfWork) -> None:
        self._store = store
        self._units = units
        self._after: str | None = ""

    async def step(self) -> None:
        if self._after is None:
            return
        try:
            async with self._store.transaction() as session:
                self._after = await place_some(self._units.at(session, SERVICE), self._after, PLACED_AT_ONCE)
        except (Absent, Stale):
            return  # somebody changed or erased one of them meanwhile: the next step looks at them again

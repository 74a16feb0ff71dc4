"""The periodic step that brings evidence in line with the register."""

from learners.adapters.desks import SERVICE, LearnersUnitsOfWork
from learners.application.accrediting import rederive_some
from learners.application.errors import Stale
from makersync.store.database import Store

#: Batches of one step, so that a large provider takes many steps and the others are not kept waiting.
BATCHES_A_STEP = 20


class RederiveEvidence:
    """Each batch is a transaction of its own; what a crash leaves undone the next step takes up. Safe for two at once."""

    def __init__(self, store: Store, desks: LearnersUnitsOfWork) -> None:
        self._store = store
        self._desks = desks

    async def step(self) -> None:
        for _ in range(BATCHES_A_STEP):
            if not await self._batch():
                return

    async def _batch(self) -> bool:
        try:
            async with self._store.transaction() as session:
                return await rederive_some(self._desks.at(session, SERVICE))
        except Stale:
            return False

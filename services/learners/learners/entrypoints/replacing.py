"""The periodic step that brings reaches in line with the table of places."""

from learners.adapters.desks import SERVICE, LearnersUnitsOfWork
from learners.application.errors import Absent, Stale
from learners.application.placing import place_some
from makersync.store.database import Store

#: Learners of one step: working out a reach takes the processor up to two milliseconds.
PLACED_AT_ONCE = 50


class PlaceAgain:
    """One pass over all learners after each start, since the table changes with a release only. Safe for two at once."""

    def __init__(self, store: Store, desks: LearnersUnitsOfWork) -> None:
        self._store = store
        self._desks = desks
        self._after: str | None = ""

    async def step(self) -> None:
        if self._after is None:
            return
        try:
            async with self._store.transaction() as session:
                self._after = await place_some(self._desks.at(session, SERVICE), self._after, PLACED_AT_ONCE)
        except (Absent, Stale):
            return  # somebody changed or erased one of them meanwhile: the next step looks at them again

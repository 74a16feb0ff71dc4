"""Periodic work. Every process does it, and each step is safe when two processes take it at once."""

from collections.abc import Awaitable, Callable, Sequence

from learners.adapters.unit_of_work import SERVICE, LearnersUnitsOfWork
from learners.application.admitting import announce_names
from learners.application.noticing import give_ending_notices
from learners.application.placing import place_some
from learners.application.rederiving import rederive_some
from learners.application.settling_introductions import due_introductions, settle_introduction
from learners.domain.errors import Absent, Stale
from makersync.store.database import Store
from makersync.store.repeated_look import RepeatedLook

#: Most batches of one step: a large provider takes several, so that other periodic work is not delayed.
BATCHES_A_STEP = 20
#: Introductions of one look.
SETTLED_AT_ONCE = 100
#: Learners of one step. Computing a reach takes up to two milliseconds of processor time.
PLACED_AT_ONCE = 50
#: Notices in one transaction.
NOTICES_AT_ONCE = 200
#: Names of providers in one transaction.
NAMES_AT_ONCE = 200


class EvidenceSweep:
    """Derives evidence again after an accreditation changed. Each batch is a transaction, so that a crash loses no progress."""

    def __init__(self, store: Store, units_of_work: LearnersUnitsOfWork) -> None:
        self._store = store
        self._units_of_work = units_of_work
        self._look = RepeatedLook(store, units_of_work.clock)

    async def step(self) -> None:
        for _ in range(BATCHES_A_STEP):
            if not self._look.is_needed():
                return
            if not await self._batch():
                self._look.found_nothing()
                return

    async def _batch(self) -> bool:
        try:
            async with self._store.transaction() as session:
                return await rederive_some(self._units_of_work.at(session, SERVICE))
        except Stale:
            return False


def announcing_names(store: Store, units_of_work: LearnersUnitsOfWork) -> Callable[[], Awaitable[None]]:
    """Publishes names of providers that were never published. During an upgrade processes of a version that publishes none
    may still add providers."""

    async def announce() -> None:
        while True:
            async with store.transaction() as session:
                if not await announce_names(units_of_work.at(session, SERVICE), NAMES_AT_ONCE):
                    return

    return announce


def ending_sweep(store: Store, units_of_work: LearnersUnitsOfWork, days_ahead: Sequence[int]) -> Callable[[], Awaitable[int]]:
    """The sweep that announces to providers which awards of their learners are about to end. It returns how many."""

    async def sweep() -> int:
        given = 0
        while True:
            async with store.transaction() as session:
                some = await give_ending_notices(units_of_work.at(session, SERVICE), days_ahead, NOTICES_AT_ONCE)
            given += some
            if some < NOTICES_AT_ONCE:
                return given

    return sweep


class ReachSweep:
    """Adapts learners' regions to the table of places, in one pass after each start: the table changes only with a release."""

    def __init__(self, store: Store, units_of_work: LearnersUnitsOfWork) -> None:
        self._store = store
        self._units_of_work = units_of_work
        self._after: str | None = ""

    async def step(self) -> None:
        if self._after is None:
            return
        try:
            async with self._store.transaction() as session:
                self._after = await place_some(self._units_of_work.at(session, SERVICE), self._after, PLACED_AT_ONCE)
        except (Absent, Stale):
            return  # one of them was changed or erased meanwhile: the next step checks the batch again


class IntroductionSweep:
    """Lets introductions lapse, ends those of learners who are not available, confirms hires that nobody disputed in time, and
    takes back what followed from hires that are undone. Each introduction is a transaction."""

    def __init__(self, store: Store, units_of_work: LearnersUnitsOfWork, confirm_days: int) -> None:
        self._store, self._units_of_work, self._confirm_days = store, units_of_work, confirm_days
        self._look = RepeatedLook(store, units_of_work.clock)

    async def step(self) -> None:
        if not self._look.is_needed():
            return
        async with self._store.reading() as session:
            due = await due_introductions(self._units_of_work.at(session, SERVICE), self._confirm_days, SETTLED_AT_ONCE)
        if not due:
            self._look.found_nothing()
        for introduction_id in due:
            await self._settle(introduction_id)

    async def _settle(self, introduction_id: str) -> None:
        try:
            async with self._store.transaction() as session:
                uow = self._units_of_work.at(session, SERVICE)
                await settle_introduction(uow, introduction_id, self._confirm_days)
        except (Absent, Stale):
            return  # somebody changed it meanwhile: the next step looks again

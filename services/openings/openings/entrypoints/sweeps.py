"""What the passing of time makes due. Every process runs all sweeps, and they may run at the same time in several."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import structlog

from makersync.clock import Clock
from makersync.store.database import Store
from openings.adapters.introduction_repository import IntroductionRequestRepository
from openings.adapters.preview_repository import PreviewRepository
from openings.adapters.reach_repository import ReachRepository
from openings.adapters.shortlist_repository import ShortlistRepository
from openings.adapters.unit_of_work import OpeningsUnitsOfWork
from openings.application.expiring import announce_expired_openings
from openings.application.noticing import give_ending_notices
from openings.application.previewing import give_up_previews
from openings.domain.rates import A_DAY
from openings.domain.shortlist import RECENT

#: Openings in one transaction.
SWEPT_AT_ONCE = 200
#: Regions that a line of the log names, with the most first.
REGIONS_IN_A_LINE = 20

log = structlog.get_logger(__name__)


def expiry_sweep(store: Store, units_of_work: OpeningsUnitsOfWork) -> Callable[[], Awaitable[int]]:
    """The sweep publishes `OpeningExpired` once for each closing date that has passed. It returns how many."""

    async def sweep() -> int:
        announced = 0
        while True:
            async with store.transaction() as session:
                some = await announce_expired_openings(units_of_work.at(session, None), SWEPT_AT_ONCE)
            announced += some
            if some < SWEPT_AT_ONCE:
                break
        if announced:
            log.info("openings_expired", count=announced)
        return announced

    return sweep


def ending_sweep(store: Store, units_of_work: OpeningsUnitsOfWork, days_ahead: Sequence[int]) -> Callable[[], Awaitable[int]]:
    """The sweep that announces to employers which of their openings are about to close. It returns how many."""

    async def sweep() -> int:
        given = 0
        while True:
            async with store.transaction() as session:
                some = await give_ending_notices(units_of_work.at(session, None), days_ahead, SWEPT_AT_ONCE)
            given += some
            if some < SWEPT_AT_ONCE:
                return given

    return sweep


def forgetting_sweep(store: Store, clock: Clock, keep_days: int) -> Callable[[], Awaitable[int]]:
    """The sweep blanks the facts about learners whose match ended more than `RECENT` ago, and deletes the rows of matches that
    ended more than `keep_days` days ago. It returns how many rows were blanked."""

    async def drop_ended() -> None:
        dropped = True
        while dropped:
            async with store.transaction() as session:
                dropped = await ShortlistRepository(session).drop_ended(clock.now() - timedelta(days=keep_days)) > 0

    async def sweep() -> int:
        await drop_ended()
        async with store.transaction() as session:
            forgotten = await ShortlistRepository(session).forget(clock.now() - RECENT)
        if forgotten:
            log.info("former_candidates_forgotten", count=forgotten)
        return forgotten

    return sweep


def introduction_sweep(store: Store, clock: Clock, keep_days: int) -> Callable[[], Awaitable[int]]:
    """The sweep blanks the outcomes of introductions that ended more than `keep_days` days ago, and what the employer wrote. It
    returns how many there were."""

    async def sweep() -> int:
        forgotten, some = 0, 1
        while some:
            async with store.transaction() as session:
                before = clock.now() - timedelta(days=keep_days)
                some = await IntroductionRequestRepository(session, None).forget(before)
            forgotten += some
        if forgotten:
            log.info("introductions_forgotten", count=forgotten)
        return forgotten

    return sweep


def preview_sweep(store: Store, units_of_work: OpeningsUnitsOfWork) -> Callable[[], Awaitable[int]]:
    """The sweep ends drafts that nobody has answered in time. It returns how many."""

    async def sweep() -> int:
        regions: Counter[str] = Counter()
        is_more = True
        while is_more:
            async with store.transaction() as session:
                some = await give_up_previews(units_of_work.at(session, None), SWEPT_AT_ONCE)
            regions.update(some)
            is_more = len(some) == SWEPT_AT_ONCE
        if regions:
            log.warning("previews_unanswered", count=regions.total(), regions=dict(regions.most_common(REGIONS_IN_A_LINE)))
        return regions.total()

    return sweep


def reach_sweep(store: Store, clock: Clock, keep_days: int) -> Callable[[], Awaitable[int]]:
    """The sweep deletes previews of which the limit takes no account any more, and what is left of counts that ended more than
    `keep_days` days ago. It returns how many previews there were."""

    async def sweep() -> int:
        forgotten, some, dropped = 0, 1, 1
        while dropped:
            async with store.transaction() as session:
                dropped = await ReachRepository(session).drop_ended(clock.now() - timedelta(days=keep_days))
        while some:
            async with store.transaction() as session:
                some = await PreviewRepository(session, None).forget(clock.now() - A_DAY)
            forgotten += some
        return forgotten

    return sweep

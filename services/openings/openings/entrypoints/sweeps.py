"""What time alone brings about. Every process does both; each is safe beside the others."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog

from makersync.store.database import Store
from openings.adapters.desks import OpeningsUnitsOfWork
from openings.adapters.shortlist import ShortlistRepository
from openings.application.hiring import tell_expired_openings
from openings.entrypoints.shortlist_routes import RECENT

#: Openings told of in one transaction.
SWEPT_AT_ONCE = 200

log = structlog.get_logger(__name__)


def expiry_sweep(store: Store, desks: OpeningsUnitsOfWork) -> Callable[[], Awaitable[int]]:
    """Publishes `OpeningExpired` once for each closing date that has passed; returns how many."""

    async def sweep() -> int:
        told = 0
        while True:
            async with store.transaction() as session:
                some = await tell_expired_openings(desks.at(session, None), SWEPT_AT_ONCE)
            told += some
            if some < SWEPT_AT_ONCE:
                break
        if told:
            log.info("openings_expired", count=told)
        return told

    return sweep


def forgetting_sweep(store: Store, desks: OpeningsUnitsOfWork, keep_days: int) -> Callable[[], Awaitable[int]]:
    """Blanks what was told of learners whose match ended a while ago, and drops what ended more than `keep_days` days ago;
    returns how many entries were blanked."""

    async def drop_ended() -> None:
        dropped = True
        while dropped:
            async with store.transaction() as session:
                dropped = await ShortlistRepository(session).drop_ended(desks.clock.now() - timedelta(days=keep_days)) > 0

    async def sweep() -> int:
        await drop_ended()
        async with store.transaction() as session:
            forgotten = await ShortlistRepository(session).forget(desks.clock.now() - RECENT)
        if forgotten:
            log.info("former_candidates_forgotten", count=forgotten)
        return forgotten

    return sweep

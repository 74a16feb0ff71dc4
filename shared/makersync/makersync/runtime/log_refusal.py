"""Reports a log that the service refuses to every process and to operators, until an acceptable log is back."""

from contextlib import suppress
from datetime import timedelta

import structlog

from makersync.clock import Clock
from makersync.effects.conditions import Condition, declare, lift
from makersync.errors import OperatorError
from makersync.store.database import DatabaseAway, Store

log = structlog.get_logger(__name__)
LOG_REFUSED = "log_refused"
#: Seconds until a refused log is checked again.
LOOK_EVERY_S = 5.0
#: A process that refuses the log declares it at every check. An older declaration comes from a process that is gone.
LEFT_BEHIND_S = 3 * LOOK_EVERY_S
REMEDY = "Meanwhile the service takes no changes; it continues by itself once this is fixed"


class LogRefusal:
    """Whether this process has refused the log, and why.

    The condition in the store outlives the process; its time is that of the last declaration.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self.reason: str | None = None

    async def check(self) -> None:
        """For readiness. Raises OperatorError with the reason."""
        if self.reason is not None:
            raise OperatorError(self.reason)

    async def declare(self, error: OperatorError) -> None:
        """Never raises: while the database is away, nothing can be changed in any case."""
        reason = str(error).rstrip(".")
        if reason != self.reason:
            log.error("log_refused", reason=reason)
        with suppress(DatabaseAway):
            async with self._store.transaction() as session:
                await lift(session, LOG_REFUSED)
                await declare(session, self._clock, Condition(LOG_REFUSED, reason, REMEDY, stops_writes=True))
        self.reason = reason

    async def lift(self) -> None:
        """Raises DatabaseAway."""
        self.reason = None
        async with self._store.transaction() as session:
            if await lift(session, LOG_REFUSED):
                log.info("log_accepted_again")

    async def lift_left_behind(self) -> None:
        """Lift the condition of a process that is gone; call it from a process that accepts the log. Raises DatabaseAway."""
        async with self._store.transaction() as session:
            if await lift(session, LOG_REFUSED, said_before=self._clock.now() - timedelta(seconds=LEFT_BEHIND_S)):
                log.info("stale_log_refusal_lifted")

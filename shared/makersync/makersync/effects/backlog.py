"""Gauges of the unpublished events, and whether any process publishes them.

Every process measures them, since the one that held the lease may be gone.
"""

import asyncio
from contextlib import suppress

import structlog

from makersync.effects.lease import leader_of
from makersync.effects.owner import Owner
from makersync.effects.refused_events import refused
from makersync.effects.relay import oldest_unpublished, unpublished
from makersync.errors import OperatorError, RetryLater
from makersync.store.repeated_look import RepeatedLook
from makersync.waiting import pause

log = structlog.get_logger(__name__)
LOOK_EVERY_S = 1.0
#: Pause of at least this many times the duration of the last measurement, which counts all unpublished events.
LONGEST_SHARE = 19
#: A process that restarts or takes over needs about one lease period; after this many periods nobody will.
LEASES_UNLED = 3


class BacklogGauges:
    """The gauges of one process. `service` determines the name of the lease, `<service>.relay`."""

    def __init__(self, service: str, owner: Owner, ttl_s: float) -> None:
        self._service, self._owner, self._ttl_s = service, owner, ttl_s
        #: The last time a leader was known, and the time of the last measurement (monotonic seconds).
        self._led_at = self._looked_at = -1.0
        self._waiting = 0
        self._is_known = False
        self._look = RepeatedLook(owner.store, owner.clock)

    async def look(self) -> None:
        """Measure once. Raises DatabaseAway."""
        metrics, clock = self._owner.metrics, self._owner.clock
        async with self._owner.store.reading() as session:
            self._waiting = await unpublished(session)
            oldest = await oldest_unpublished(session) if self._waiting else None
            aside = await refused(session)
            leader = await leader_of(session, clock, f"{self._service}.relay")
        first, self._looked_at = self._looked_at < 0, clock.monotonic()
        if leader is not None or first:
            self._led_at = self._looked_at
        lag = 0.0 if oldest is None else (clock.now() - oldest).total_seconds()
        metrics.outbox_unpublished.set(self._waiting)
        metrics.outbox_refused.set(aside)
        metrics.relay_lag_seconds.set(max(0.0, lag))
        metrics.relay_leads.set(leader == self._owner.name)
        metrics.relay_unled_seconds.set(self._unled_s)
        self._log_change()

    async def check(self) -> None:
        """Raises OperatorError when nobody has published for longer than a change of leader takes."""
        if self._is_unled:
            raise OperatorError(
                f"No process of {self._service} has published for {self._unled_s:.0f} s, and {self._waiting} events wait. "
                "Start one whose MAKERSYNC_ROLES contain publisher, or look into why the one that runs does not take the lease"
            )

    async def watch(self, stop: asyncio.Event) -> None:
        """Measure until `stop` is set."""
        while not stop.is_set():
            began = self._owner.clock.monotonic()
            with suppress(RetryLater):
                await self._look_if_needed()
            took = self._owner.clock.monotonic() - began
            await pause(stop, max(LOOK_EVERY_S, LONGEST_SHARE * took))

    async def _look_if_needed(self) -> None:
        if self._look.is_needed():
            await self.look()
            if not self._waiting:
                self._look.found_nothing()

    @property
    def _unled_s(self) -> float:
        return self._looked_at - self._led_at

    @property
    def _is_unled(self) -> bool:
        return self._unled_s > LEASES_UNLED * self._ttl_s

    def _log_change(self) -> None:
        if self._is_unled != self._is_known:
            self._is_known = self._is_unled
            log.warning("no_publisher" if self._is_unled else "publisher_present_again", waiting=self._waiting)

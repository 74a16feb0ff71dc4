"""What the leader of a service does for its feeds: it numbers the entries, and finds out how complete the feeds are."""

import asyncio
from collections.abc import Callable

from makersync.effects.lease import Lease
from makersync.effects.long_steps import long_step
from makersync.effects.relay import RelayWaker
from makersync.feed.completeness import Completeness, keep_progress
from makersync.feed.numbering import Numbering
from makersync.store.database import Store


class FeedDuty:
    """A duty of the publisher (`makersync.effects.publisher`)."""

    def __init__(
        self, store: Store, numbering: Callable[[Lease], Numbering], completeness: Callable[[], Completeness], poll_s: float
    ) -> None:
        self._store, self._numbering, self._completeness, self._poll_s = store, numbering, completeness, poll_s

    async def run(self, lease: Lease, stop: asyncio.Event, tick: Callable[[], None]) -> None:
        """Work until `stop` is set, and number what is left then. Raises Fenced, BrokerAway or DatabaseAway."""
        waker = RelayWaker()
        silence = self._store.after_commit(waker.ring)
        try:
            await self._work(self._numbering(lease), self._completeness(), waker, stop, tick)
        finally:
            silence()

    async def _work(
        self,
        numbering: Numbering,
        completeness: Completeness,
        waker: RelayWaker,
        stop: asyncio.Event,
        tick: Callable[[], None],
    ) -> None:
        while True:
            stopping = stop.is_set()
            async with long_step(tick):
                # What the stored offsets cover is committed, so that all of it is numbered before the moment is kept.
                reached = None if stopping else await completeness.reached()
                while await numbering.number():
                    tick()
                if reached is not None and not numbering.is_held_back:
                    await keep_progress(self._store, reached)
            if stopping:
                return
            await waker.wait(self._poll_s)

"""What a process knows about its store and topics: whether they were compared since it started, and whether they agree."""

import asyncio
from contextlib import suppress

from makersync.broker.port import Broker
from makersync.effects.agreement import count_noted, is_behind
from makersync.effects.comparison import compare
from makersync.effects.own_topics import OwnTopics
from makersync.effects.owner import Owner
from makersync.errors import RetryLater
from makersync.store.repeated_look import RepeatedLook
from makersync.waiting import pause

LOOK_EVERY_S = 1.0


class StoreAgreement:
    """Prevents a process from changing or publishing anything before its store has been compared with the log.

    Only the comparison distinguishes a restored database from a current one. Afterwards the process can write without the
    broker.
    """

    def __init__(self, owner: Owner, own: OwnTopics) -> None:
        self._owner, self._own = owner, own
        self.is_compared = False
        self._is_behind = False
        self._look = RepeatedLook(owner.store, owner.clock)

    @property
    def holds_back(self) -> bool:
        """Whether this service must not publish at present."""
        return self._is_behind or not self.is_compared

    async def compare(self, broker: Broker) -> None:
        """Raises RetryLater."""
        self._is_behind = await compare(self._owner, broker, self._own) > 0
        self.is_compared = True

    async def demand_compared(self) -> None:
        """For readiness. Raises RetryLater."""
        if not self.is_compared:
            raise RetryLater("changes wait until the database has been compared with the service's own topics")

    async def look(self) -> None:
        """Read whether the store is behind, since any process of the service may detect or resolve it. Raises DatabaseAway."""
        async with self._owner.store.reading() as session:
            self._is_behind = await is_behind(session)
            self._owner.metrics.keys_ahead_of_store.set(await count_noted(session))

    async def watch(self, stop: asyncio.Event) -> None:
        """Look until `stop` is set."""
        while not stop.is_set():
            with suppress(RetryLater):
                if self._look.is_needed():
                    await self.look()
                    self._look.found_nothing()
            await pause(stop, LOOK_EVERY_S)

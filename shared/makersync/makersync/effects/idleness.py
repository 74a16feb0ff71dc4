"""Detects why a group member has no work: its partitions cannot be taken yet, or its group never completes a rebalance.

The embedded broker may wait forever for a leader that has left (docs/decisions/0049). A member then reports the partitions in
which records wait untaken, and finally leaves the group and joins it again.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from random import uniform

from makersync.broker.port import Assignment, Broker
from makersync.effects.consumer_port import Consumer
from makersync.effects.fence import stored, untaken
from makersync.effects.owner import Owner
from makersync.errors import RetryLater

#: Most rebalances finish before the first look.
LOOK_EVERY_S = 5.0


#: Epoch and offsets of a partition number's fence.
_Fence = tuple[int, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class _Untaken:
    """A partition number with waiting records, its fence when last seen, and since when that fence has not moved (monotonic
    seconds)."""

    fence: _Fence
    since: float


class Idleness:
    """Watches one member of a consumer group. While the member has an assignment, nothing is queried."""

    def __init__(self, consumer: Consumer, broker: Broker, owner: Owner, rejoin_s: float) -> None:
        """`rejoin_s`: seconds for which waiting records may stay untaken before the member joins again; randomly up to twice as
        long."""
        self._consumer, self._broker = consumer, broker
        self._store, self._clock = owner.store, owner.clock
        self._rejoin_s = rejoin_s
        self._without_since: float | None = None
        self._untaken: dict[int, _Untaken] = {}
        self._next_look: float | None = None
        self.joined()

    def joined(self) -> None:
        """Start a new random wait, so that members that joined at the same moment do not rejoin at the same moment too."""
        self._joined_at, self._patience_s = self._clock.monotonic(), uniform(self._rejoin_s, 2 * self._rejoin_s)

    def note(self, workable: Set[int], works: bool) -> None:
        """`workable` are the assigned numbers that are not halted, `works` whether any is held. Halts are reported
        elsewhere."""
        if works or not workable:
            self._without_since = None
        elif self._without_since is None:
            self._without_since = self._clock.monotonic()

    async def look(self, assignment: Assignment) -> None:
        """While an assignment is pending, check every few seconds for waiting records. Raises BrokerAway and DatabaseAway."""
        now = self._clock.monotonic()
        if not assignment.is_pending:
            self._untaken, self._next_look = {}, None
        elif self._next_look is None:
            self._next_look = now + LOOK_EVERY_S
        elif now >= self._next_look:
            self._next_look = now + LOOK_EVERY_S
            await self._ask(now)

    @property
    def untaken(self) -> list[int]:
        """Partition numbers with records that nobody takes, while an assignment is pending."""
        return sorted(self._untaken)

    @property
    def is_to_rejoin(self) -> bool:
        since = max(self._untaken_since, self._joined_at)
        return bool(self._untaken) and self._clock.monotonic() - since > self._patience_s

    def lasts(self, missing: str | None) -> tuple[float, str] | None:
        """For how many seconds this member has been idle, and why; None if nothing waits for it. `missing` is what its consumer
        waits for."""
        now = self._clock.monotonic()
        if self._without_since is not None:
            return now - self._without_since, missing or "none could be loaded yet"
        if self._untaken:
            numbers = ", ".join(map(str, self.untaken))
            return now - self._untaken_since, f"its group assigns it none, and nobody takes the records that wait in {numbers}"
        return None

    @property
    def _untaken_since(self) -> float:
        return min((each.since for each in self._untaken.values()), default=0.0)

    async def _ask(self, now: float) -> None:
        try:
            fences = await self._fences_before_records()
        except RetryLater:
            # Nobody can take a partition while the broker or the database is away.
            self._untaken = {}
            raise
        fresh = {number: _Untaken(fence, now) for number, fence in fences.items()}
        stand = {number: each for number, each in self._untaken.items() if each.fence == fences.get(number)}
        self._untaken = fresh | stand

    async def _fences_before_records(self) -> dict[int, _Fence]:
        """The fence of each partition number in which records wait."""
        bounds = await self._broker.bounds(self._consumer.topics)
        async with self._store.reading() as session:
            fences = {row.partition: (row.epoch, dict(row.offsets)) for row in await stored(session, self._consumer.name)}
        waiting = untaken({number: offsets for number, (_, offsets) in fences.items()}, bounds)
        return {at.partition: fences.get(at.partition, (0, {})) for at in waiting}

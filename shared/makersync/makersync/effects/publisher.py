"""The publisher: one process of a service at a time holds the lease, publishes the outbox and audits the log."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from makersync.broker.port import Broker
from makersync.broker.topic_shape import ERASED_WITHIN_MS
from makersync.effects.auditor import Auditor
from makersync.effects.comparison import compare
from makersync.effects.conditions import RECONCILING, lift
from makersync.effects.lease import Lease, acquire
from makersync.effects.long_steps import long_step
from makersync.effects.own_topics import OwnTopics
from makersync.effects.owner import Owner
from makersync.effects.relay import Relay, RelayWaker
from makersync.errors import Fenced, RetryLater
from makersync.log_rate_limit import LogRateLimit
from makersync.waiting import pause

log = structlog.get_logger(__name__)
#: Periodic steps take at most a twentieth of the time, since some of them scan everything ever published.
LONGEST_SHARE = 19
#: How long the auditor waits for records that do not come.
AUDIT_WAIT_S = 2.0


@dataclass(frozen=True, slots=True)
class PublisherPace:
    """Batch size and waiting times. Durations are in seconds."""

    batch: int = 2000
    poll_s: float = 0.25
    deadline_s: float = 10.0
    lease_ttl_s: float = 6.0
    census_s: float = 60.0
    #: A quarter of the time within which erased data must leave the brokers' disks (`broker.topics`).
    stir_s: float = ERASED_WITHIN_MS / 4000
    #: How often to look for refused events that newer versions have superseded.
    refused_s: float = 5.0
    retry_s: float = 0.5


class Duty(Protocol):
    """What else the leader does, beside publishing."""

    async def run(self, lease: Lease, stop: asyncio.Event, tick: Callable[[], None]) -> None:
        """Work until `stop` is set, and call `tick` with every step. Raises Fenced or RetryLater."""
        ...


class Publisher:
    """Runs in every process of a service that may publish, and works only while it holds the lease."""

    def __init__(self, own: OwnTopics, broker: Broker, owner: Owner, pace: PublisherPace, duties: Sequence[Duty] = ()) -> None:
        self._duties = duties
        self._name, self._own, self._broker, self._owner, self._pace = own.service, own, broker, owner, pace
        self._store, self._clock = owner.store, owner.clock
        self._waker = RelayWaker()
        self._proven: set[str] = set()
        self._waiting = LogRateLimit(self._clock.monotonic)
        self.leads = False
        self.away: RetryLater | None = None
        self.rounds = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set; the leader then publishes everything that is left first."""
        silence = self._store.after_commit(self._waker.ring)
        try:
            await self._take_turns(stop)
        finally:
            silence()

    async def _take_turns(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                lease = await self._acquire()
                if lease is not None:
                    await self._lead(lease, stop)
                    continue
                self._go_on()
            except (RetryLater, Fenced) as error:
                self._log_waiting(error)
                self.away = error if isinstance(error, RetryLater) else None
            self.rounds += 1
            await pause(stop, self._pace.retry_s)

    def _log_waiting(self, error: Exception) -> None:
        about = type(error).__name__
        if self._waiting.allows(about):
            log.warning(
                "publisher_waiting", service=self._name, reason=str(error), suppressed=self._waiting.take_suppressed(about)
            )

    def _prove(self, part: str) -> None:
        """Clear `away` only after both parts have worked: a relay without events does not notice that the broker is away."""
        self._proven.add(part)
        if len(self._proven) == 2:
            self._go_on()

    def _go_on(self) -> None:
        if self.away is not None:
            log.info("publisher_resumed", service=self._name)
            self._waiting.reset()
        self.away = None

    async def _acquire(self) -> Lease | None:
        async with self._store.transaction() as session:
            lease = await acquire(session, self._clock, f"{self._name}.relay", self._owner.name, self._pace.lease_ttl_s)
            if lease is not None and await lift(session, RECONCILING):
                log.warning("reconciliation_interrupted", service=self._name)
            return lease

    async def _lead(self, lease: Lease, stop: asyncio.Event) -> None:
        relay = Relay(self._owner, self._broker, lease, self._pace.lease_ttl_s, self._pace.deadline_s)
        auditor = Auditor(self._owner, self._broker, self._own)
        self.leads = True
        self._proven.clear()
        if self.away is None:
            log.info("lease_taken", service=self._name, epoch=lease.epoch)
        done = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._keep(relay, done))
                async with long_step(self._tick):
                    # The database, with the lease, may have been restored while it was away.
                    await compare(self._owner, self._broker, self._own)
                group.create_task(self._audit(auditor, stop))
                for duty in self._duties:
                    group.create_task(duty.run(lease, stop, self._tick))
                await self._relay(relay, stop)
                done.set()
        except* (RetryLater, Fenced) as errors:
            raise errors.exceptions[0] from errors
        finally:
            self.leads = False
            await auditor.close()
            await relay.close()
        await relay.resign()

    async def _keep(self, relay: Relay, done: asyncio.Event) -> None:
        """Renew the lease separately, because a publication may outlast it: two relays would then take turns and neither would
        mark anything as published."""
        while not done.is_set():
            await relay.keep_lease()
            await pause(done, self._pace.lease_ttl_s / 3)

    async def _relay(self, relay: Relay, stop: asyncio.Event) -> None:
        stir = self._every(self._pace.stir_s, relay.stir, at_once=False)
        forget = self._every(self._pace.refused_s, relay.forget_superseded)
        while True:
            # Read before the outbox, so that everything committed before the stop is published.
            stopping = stop.is_set()
            async with long_step(self._tick):
                # Finding every refused event of a full batch can take a thousand attempts.
                published = await relay.publish_batch(self._pace.batch)
            self.rounds += 1
            self._prove("relay")
            for step in (stir, forget):
                async with long_step(self._tick):
                    await step()
            if published == 0:
                if stopping:
                    return
                await self._waker.wait(self._pace.poll_s)

    async def _audit(self, auditor: Auditor, stop: asyncio.Event) -> None:
        census = self._every(self._pace.census_s, auditor.begin_census)
        while not stop.is_set():
            if auditor.is_caught_up and not auditor.is_counting:
                await census()
            await auditor.step(AUDIT_WAIT_S)
            self._prove("auditor")

    def _tick(self) -> None:
        self.rounds += 1

    def _every(
        self, seconds: float, step: Callable[[], Awaitable[object]], at_once: bool = True
    ) -> Callable[[], Awaitable[None]]:
        """Run `step` at most once in `seconds`, and less often if it takes long. The first call runs it if `at_once` is set."""
        due = [self._clock.monotonic() + (0.0 if at_once else seconds)]

        async def when_due() -> None:
            if (begun := self._clock.monotonic()) >= due[0]:
                await step()
                ended = self._clock.monotonic()
                due[0] = ended + max(seconds, LONGEST_SHARE * (ended - begun))

        return when_due

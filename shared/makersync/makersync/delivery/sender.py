"""The sender: claims deliveries, sends them, and records what came of it. Several may run."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TypeVar

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.delivery.claiming import ClaimTerms, busy_webhooks, claim, has_webhooks, lock_webhook
from makersync.delivery.health import WebhookState
from makersync.delivery.messages import body_of, message_id, test_body
from makersync.delivery.outbound import Outbound, Post, Reply
from makersync.delivery.outcomes import Outcome, outcome_of
from makersync.delivery.recording import record
from makersync.delivery.repository import valid_secrets
from makersync.delivery.sealing import Seal, Unsealable
from makersync.delivery.signing import Signing, SigningSecret, signed_headers
from makersync.delivery.tables import DeliveryRow, WebhookRow, WebhookSecretRow
from makersync.delivery.window import fill_window
from makersync.effects.relay import Doorbell
from makersync.errors import RetryLater
from makersync.feed.repository import FeedRepository
from makersync.log_rate_limit import LogRateLimit
from makersync.store.database import Store
from makersync.store.repeated_look import RepeatedLook

log = structlog.get_logger(__name__)
Result = TypeVar("Result")
#: How often to look for what other processes wrote, and for deliveries whose time has come, seconds.
POLL_S = 0.5
#: However often there is a commit, looks are so far apart, seconds.
LEAST_S = 0.05
RETRY_S = 1.0
#: Attempts under way in one process.
MOST_AT_ONCE = 256
#: Of these so many use the database at a time, because the other parts of the process need connections too.
MOST_ON_DATABASE = 4
#: Pauses between tries to read what is to be sent, or to keep what came of it, seconds; far less than the lease lasts.
AGAIN_AFTER_S = (0.2, 1.0, 5.0)
#: What is under way when the process is to end has so long, seconds.
LAST_S = 5.0
_HEADERS = {"content-type": "application/json", "user-agent": "Makersync-Webhooks/1", "accept": "*/*"}


@dataclass(frozen=True, slots=True)
class SenderParts:
    """What a sender works with. `count` is told the outcome of each attempt."""

    store: Store
    clock: Clock
    seal: Seal
    outbound: Outbound
    count: Callable[[str], None] = lambda _outcome: None
    random: Random = field(default_factory=Random)


@dataclass(frozen=True, slots=True)
class _Read:
    """What an attempt needs of the database. Without a body, the feed does not keep the entry any more."""

    url: str
    body: bytes | None
    sealed: Sequence[WebhookSecretRow]


class Sender:
    """Runs in every process with the role `sender`. It needs the database alone; the broker may be away. `rounds` grows with
    every look, and with every webhook that it claims from."""

    def __init__(self, parts: SenderParts, terms: ClaimTerms) -> None:
        self._parts, self._terms = parts, terms
        self._store, self._clock = parts.store, parts.clock
        self._doorbell = Doorbell()
        self._look = RepeatedLook(parts.store, parts.clock)
        self._log_limit = LogRateLimit(parts.clock.monotonic)
        self._on_database = asyncio.Semaphore(MOST_ON_DATABASE)
        self._under_way: set[asyncio.Task[None]] = set()
        self.rounds = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set; what is under way then is given a few seconds."""
        silence = self._store.after_commit(self._doorbell.ring)
        try:
            await self._work(stop)
        finally:
            silence()
            await self._finish()

    async def _work(self, stop: asyncio.Event) -> None:
        stopping = asyncio.create_task(stop.wait())
        stopping.add_done_callback(lambda _: self._doorbell.ring())
        try:
            while not stop.is_set():
                self.rounds += 1
                try:
                    if not await self._start_some():
                        await asyncio.sleep(LEAST_S)
                        await self._doorbell.wait(POLL_S)
                except RetryLater as error:
                    self._log_waiting(error)
                    await self._doorbell.wait(RETRY_S)
        finally:
            stopping.cancel()

    async def _start_some(self) -> bool:
        """Returns whether there was anything to start."""
        is_any = False
        async for delivery in self._claims(MOST_AT_ONCE - len(self._under_way)):
            self._start(delivery)
            is_any = True
        return is_any

    def _start(self, delivery: DeliveryRow) -> None:
        task = asyncio.create_task(self._send_or_leave(delivery))
        self._under_way.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._doorbell.ring()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("webhook_attempt_broke", exc_info=error)

    async def _send_or_leave(self, delivery: DeliveryRow) -> None:
        """What cannot be recorded is claimed again once its lease is over."""
        try:
            await self.send(delivery)
        except RetryLater as error:
            self._log_waiting(error)

    async def _finish(self) -> None:
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=LAST_S)
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def claim_some(self, room: int) -> Sequence[DeliveryRow]:
        """Claim what can be sent now, at most so many."""
        return [delivery async for delivery in self._claims(room)]

    async def _claims(self, room: int) -> AsyncIterator[DeliveryRow]:
        """One webhook after the other, in no order that would put one before the others."""
        if room <= 0:
            return
        if not self._look.is_needed():
            return
        async with self._store.reading() as session:
            busy = await busy_webhooks(session, self._clock, self._terms.most)
            if not busy and not await has_webhooks(session):
                # Otherwise the time alone can make a delivery due.
                self._look.found_nothing()
        for webhook_id in self._parts.random.sample(busy, len(busy)):
            self.rounds += 1
            claimed = await self._claim_of(webhook_id, room)
            for delivery in claimed:
                yield delivery
            room -= len(claimed)
            if room <= 0:
                return

    async def _claim_of(self, webhook_id: str, room: int) -> Sequence[DeliveryRow]:
        async with self._store.unnoticed() as session:
            webhook = await lock_webhook(session, webhook_id)
            if webhook is None:
                return []
            if webhook.state != WebhookState.DISABLED:
                await fill_window(session, self._clock, webhook)
                await session.flush()
            return await claim(session, self._clock, webhook, self._terms, room)

    async def send(self, delivery: DeliveryRow) -> None:
        """One attempt at a delivery that was claimed. Raises RetryLater."""
        begun = self._clock.monotonic()
        read = await self._patiently(lambda: self._read(delivery))
        if read is None:
            return
        if self._clock.monotonic() - begun > self._terms.lease_s / 2:
            raise RetryLater("the database was so slow that another sender may claim the delivery")
        outcome = await self._attempt(delivery, read)
        self._parts.count(outcome.name)
        await self._patiently(lambda: self._record(delivery, outcome))

    async def _patiently(self, step: Callable[[], Awaitable[Result]]) -> Result:
        """What is given up here waits for the end of the lease, so a database that is away for a moment is asked again."""
        for pause_s in AGAIN_AFTER_S:
            try:
                return await step()
            except RetryLater:
                await asyncio.sleep(pause_s)
        return await step()

    async def _read(self, delivery: DeliveryRow) -> _Read | None:
        async with self._on_database, self._store.snapshot() as session:
            webhook = await session.get(WebhookRow, delivery.webhook_id)
            if webhook is None:
                return None
            body = await self._body(session, webhook, delivery)
            return _Read(webhook.url, body, await valid_secrets(session, self._clock, [delivery.webhook_id]))

    async def _record(self, delivery: DeliveryRow, outcome: Outcome) -> None:
        async with self._on_database, self._store.transaction() as session:
            await record(session, self._clock, delivery, outcome, self._parts.random)

    async def _body(self, session: AsyncSession, webhook: WebhookRow, delivery: DeliveryRow) -> bytes | None:
        """None when the feed does not keep the entry any more."""
        if delivery.position is None:
            return test_body(delivery)
        feed = FeedRepository(session, webhook.organisation_id)
        entry = next(iter(await feed.after(delivery.position - 1, (), 1)), None)
        return body_of(entry) if entry is not None and entry.position == delivery.position else None

    async def _attempt(self, delivery: DeliveryRow, read: _Read) -> Outcome:
        at, begun = self._clock.now(), self._clock.monotonic()
        if read.body is None:
            return Outcome("forgotten", at, 0)
        keys = self._opened(read.sealed)
        if not keys:
            return Outcome("secret_lost", at, 0)
        headers = {**_HEADERS, **signed_headers(message_id(delivery), at, read.body, keys)}
        reply: Reply = await self._parts.outbound.post(Post(read.url, headers, read.body))
        return outcome_of(reply, at, round(1000 * (self._clock.monotonic() - begun)))

    def _opened(self, sealed: Sequence[WebhookSecretRow]) -> Sequence[SigningSecret]:
        """Those that the service's pepper opens, the newest first."""
        opened = []
        for row in sealed:
            try:
                opened.append(SigningSecret(Signing(row.signing), self._parts.seal.opened(row.sealed, row.webhook_id)))
            except Unsealable:
                log.error("webhook_secret_lost", webhook=row.webhook_id)
        return opened

    def _log_waiting(self, error: Exception) -> None:
        if self._log_limit.allows("waiting"):
            log.warning("sender_waiting", reason=str(error), suppressed=self._log_limit.take_suppressed("waiting"))

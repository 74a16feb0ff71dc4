"""The sender: claims deliveries, sends them, and records what came of it. Several may run."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from random import Random

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.delivery.attempt_loop import AttemptLoop, LoopPace, patiently
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
from makersync.errors import RetryLater
from makersync.feed.repository import FeedRepository
from makersync.store.database import Store
from makersync.store.repeated_look import RepeatedLook

log = structlog.get_logger(__name__)
#: Attempts under way in one process, and how often to look, seconds.
_PACE = LoopPace(poll_s=0.5, most_at_once=256)
#: Of these so many use the database at a time, because the other parts of the process need connections too.
MOST_ON_DATABASE = 4
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
        self._look = RepeatedLook(parts.store, parts.clock)
        self._on_database = asyncio.Semaphore(MOST_ON_DATABASE)
        self._loop = AttemptLoop("webhook", self._store, self._clock, self._claims, self.send, _PACE)

    @property
    def rounds(self) -> int:
        return self._loop.rounds

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set; what is under way then is given a few seconds."""
        await self._loop.run(stop)

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
            self._loop.rounds += 1
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
        read = await patiently(lambda: self._read(delivery))
        if read is None:
            return
        if self._clock.monotonic() - begun > self._terms.lease_s / 2:
            raise RetryLater("the database was so slow that another sender may claim the delivery")
        outcome = await self._attempt(delivery, read)
        self._parts.count(outcome.name)
        await patiently(lambda: self._record(delivery, outcome))

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

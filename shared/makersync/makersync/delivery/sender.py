"""The sender: claims deliveries, sends them, and records what came of it. Several may run."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, field
from random import Random

import structlog

from makersync.clock import Clock
from makersync.delivery.attempt_loop import AttemptLoop, LoopPace, patiently
from makersync.delivery.attempts import DeliveryAttempt
from makersync.delivery.batching import Batching
from makersync.delivery.claiming import ClaimTerms, claim, counts_of, free_of, has_webhooks, lock_webhooks
from makersync.delivery.due_webhooks import Look, Looks, look_again, postpone
from makersync.delivery.messages import message_id
from makersync.delivery.outbound import Outbound, Post, Reply
from makersync.delivery.outcomes import Outcome, outcome_of
from makersync.delivery.reading import Message, read_messages
from makersync.delivery.recording import record
from makersync.delivery.sealing import Seal, Unsealable
from makersync.delivery.signing import Signing, SigningSecret, signed_headers
from makersync.delivery.tables import DeliveryRow, WebhookSecretRow
from makersync.delivery.window import fill_windows, may_fill_again
from makersync.errors import RetryLater
from makersync.store.database import Store
from makersync.store.database_time import read_database_time
from makersync.store.repeated_look import RepeatedLook

log = structlog.get_logger(__name__)
#: Attempts under way in one process, and how often to look, seconds.
_PACE = LoopPace(poll_s=0.5, most_at_once=256)
#: In one transaction: webhooks that are claimed of, and attempts that are read for or recorded. What is to be recorded waits a
#: moment for more, seconds.
_CLAIMED_AT_ONCE, _ATTEMPTS_AT_ONCE, _MOMENT_S = 16, 64, 0.01
#: So often an attempt is recorded with others while another has the webhook's row; then alone. So many are at a time, because
#: the other parts of the process need connections too.
_TRIES_WITH_OTHERS, _ALONE_AT_ONCE = 3, 2
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


class Sender:
    """Runs in every process with the role `sender`. It needs the database alone; the broker may be away. `rounds` grows with
    every look, and with every claim."""

    def __init__(self, parts: SenderParts, terms: ClaimTerms) -> None:
        self._parts, self._terms = parts, terms
        self._store, self._clock = parts.store, parts.clock
        self._look = RepeatedLook(parts.store, parts.clock)
        self._looks = Looks(parts.clock)
        self._messages = Batching(self._read, _ATTEMPTS_AT_ONCE)
        self._records = Batching(self._record, _ATTEMPTS_AT_ONCE, _MOMENT_S)
        self._alone = asyncio.Semaphore(_ALONE_AT_ONCE)
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
        """Some webhooks after the other, in no order that would put one before the others."""
        if room <= 0:
            return
        if not self._look.is_needed():
            return
        look = await self._look_around()
        busy, done = self._parts.random.sample(look.webhook_ids, len(look.webhook_ids)), set[str]()
        for start in range(0, len(busy), _CLAIMED_AT_ONCE):
            if room <= 0:
                return
            self._loop.rounds += 1
            claimed, looked_at = await self._claim_of(busy[start : start + _CLAIMED_AT_ONCE], room)
            done.update(looked_at)
            room -= len(claimed)
            for delivery in claimed:
                yield delivery
        self._looks.is_done(look, done)

    async def _look_around(self) -> Look:
        async with self._store.reading() as session:
            now = await read_database_time(session, self._clock)
            look = await self._looks.look(session, now, self._terms.most)
            if not look.webhook_ids and not await has_webhooks(session):
                # Otherwise the time alone can make a delivery due.
                self._look.found_nothing()
            return look

    async def _claim_of(self, webhook_ids: Sequence[str], room: int) -> tuple[Sequence[DeliveryRow], Collection[str]]:
        """What was claimed, and the webhooks that were looked at: not those that another has locked."""
        async with self._store.unnoticed() as session:
            webhooks = {each.id: each for each in await lock_webhooks(session, webhook_ids)}
            now = await read_database_time(session, self._clock)
            counts = await counts_of(session, now, webhooks)
            again = {each for each in webhooks if may_fill_again(webhooks[each], counts[each].waiting)}
            await fill_windows(session, self._clock, now, [(webhooks[each], counts[each].waiting) for each in webhooks])
            free = {each: free_of(webhooks[each], counts[each], self._terms.most) for each in webhook_ids if each in webhooks}
            claimed = await claim(session, now, free, self._terms, room)
            busy = again.union(each.webhook_id for each in claimed) if len(claimed) < room else webhooks.keys()
            look_again(now, [webhooks[each] for each in busy])
            await postpone(session, now, [webhooks[each] for each in webhooks.keys() - busy])
            return claimed, webhooks.keys()

    async def send(self, delivery: DeliveryRow) -> None:
        """One attempt at a delivery that was claimed. Raises RetryLater."""
        begun = self._clock.monotonic()
        message = await patiently(lambda: self._messages.result_of(delivery))
        if message is None:
            return
        if self._clock.monotonic() - begun > self._terms.lease_s / 2:
            raise RetryLater("the database was so slow that another sender may claim the delivery")
        outcome = await self._attempt(delivery, message)
        self._parts.count(outcome.name)
        await patiently(lambda: self._recorded(DeliveryAttempt(delivery, outcome)))

    async def _read(self, deliveries: Sequence[DeliveryRow]) -> Sequence[Message | None]:
        async with self._store.snapshot() as session:
            return await read_messages(session, self._clock, deliveries)

    async def _recorded(self, attempt: DeliveryAttempt) -> None:
        """With others; alone if another keeps the webhook's row, so that nobody waits who need not."""
        for _ in range(_TRIES_WITH_OTHERS):
            if await self._records.result_of(attempt):
                return
        async with self._alone, self._store.transaction() as session:
            await record(session, self._clock, [attempt], self._parts.random, wait=True)

    async def _record(self, attempts: Sequence[DeliveryAttempt]) -> Sequence[bool]:
        async with self._store.transaction() as session:
            return await record(session, self._clock, attempts, self._parts.random)

    async def _attempt(self, delivery: DeliveryRow, message: Message) -> Outcome:
        at, begun = self._clock.now(), self._clock.monotonic()
        if message.body is None:
            return Outcome("forgotten", at, 0)
        keys = self._opened(message.sealed)
        if not keys:
            return Outcome("secret_lost", at, 0)
        headers = {**_HEADERS, **signed_headers(message_id(delivery), at, message.body, keys)}
        reply: Reply = await self._parts.outbound.post(Post(message.url, headers, message.body))
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

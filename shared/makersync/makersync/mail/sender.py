"""The sender of mail: makes the messages that are due, sends them, and records what came of it. Several may run."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import tzinfo
from random import Random

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.delivery.attempt_loop import AttemptLoop, LoopPace, patiently
from makersync.errors import RetryLater
from makersync.log_rate_limit import LogRateLimit
from makersync.mail.claiming import LEASE_S, busy_recipients, claim, has_recipients, lock_recipient
from makersync.mail.composing import Letterhead, MailContent, confirmation, message_of, news, trial
from makersync.mail.consent import keep_links_open, may_be_sent
from makersync.mail.gathering import gather
from makersync.mail.message_making import Making, stretches
from makersync.mail.offer import MailOffer
from makersync.mail.recording import Attempt, record
from makersync.mail.setup import MailSetup
from makersync.mail.smtp import MailServer, SmtpReply
from makersync.mail.states import DROPPED, MessageKind, RecipientState
from makersync.mail.tables import MailMessageRow, RecipientRow
from makersync.mail.timing import CONFIRM_WITHIN
from makersync.mail.tokens import MailTokens
from makersync.store.database import Store
from makersync.store.database_time import read_database_time
from makersync.store.repeated_look import RepeatedLook

log = structlog.get_logger(__name__)
#: Connections to the mail server at a time in one process, and how often to look, seconds.
_PACE = LoopPace(poll_s=1.0, most_at_once=4)
#: While the mail server is away it is asked again after so long, doubling from the first to the second, seconds; a pause is
#: longer by up to the share, so that several senders do not come together.
_FIRST_REST_S, _LONGEST_REST_S, _JITTER = 5.0, 300.0, 0.2


@dataclass(frozen=True, slots=True)
class MailParts:
    """What a sender of mail works with. `count` is told the outcome of each attempt, and `tell_away` whether the mail server is
    away."""

    store: Store
    clock: Clock
    zone: tzinfo
    setup: MailSetup
    server: MailServer
    tokens: MailTokens
    offer: MailOffer
    owner: str
    lease_s: float = LEASE_S
    count: Callable[[str], None] = lambda _outcome: None
    tell_away: Callable[[bool], None] = lambda _is_away: None
    random: Random = field(default_factory=Random)


class MailSender:
    """Runs in every process with the role `sender`, beside that of the webhooks. It needs the database alone. `rounds` grows
    with every look, and with every recipient that it claims for."""

    def __init__(self, parts: MailParts) -> None:
        self._parts, self._store, self._clock = parts, parts.store, parts.clock
        self._look = RepeatedLook(parts.store, parts.clock)
        self._log_limit = LogRateLimit(parts.clock.monotonic)
        self._faults, self._rests_until = 0, 0.0
        self._probe: str | None = None
        self._loop = AttemptLoop("mail", self._store, self._clock, self._claims, self.send, _PACE)

    @property
    def rounds(self) -> int:
        return self._loop.rounds

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set; what is under way then is given a few seconds."""
        await self._loop.run(stop)

    async def claim_some(self, room: int) -> list[MailMessageRow]:
        """Claim what can be sent now, at most so many."""
        return [message async for message in self._claims(room)]

    async def _claims(self, room: int) -> AsyncIterator[MailMessageRow]:
        """One of each recipient, in no order that would put one before the others; one at all while the server is away."""
        if room <= 0 or not self._may_ask_server() or not self._look.is_needed():
            return
        async with self._store.reading() as session:
            busy = await busy_recipients(session, self._clock)
            if not busy and not await has_recipients(session):
                # Otherwise the time alone can make a message due.
                self._look.found_nothing()
        for recipient_id in self._parts.random.sample(busy, len(busy)):
            self._loop.rounds += 1
            message = await self._claim_of(recipient_id)
            if message is not None:
                self._probe = message.id if self._faults else self._probe
                yield message
                room -= 1
            if room <= 0 or not self._may_ask_server():
                return

    def _may_ask_server(self) -> bool:
        """While the mail server is away, one message at a time asks it again, once the rest is over."""
        return not self._faults or (self._probe is None and self._clock.monotonic() >= self._rests_until)

    async def _claim_of(self, recipient_id: str) -> MailMessageRow | None:
        async with self._store.unnoticed() as session:
            recipient = await lock_recipient(session, recipient_id)
            if recipient is None:
                return None
            now = await read_database_time(session, self._clock)
            if recipient.state == RecipientState.ACTIVE:
                await Making(session, self._parts.offer, self._parts.zone, now).make_due(recipient)
                await session.flush()
            message = await claim(session, self._clock, recipient, self._parts.owner, self._parts.lease_s)
            if message is not None:
                await keep_links_open(session, self._parts.tokens, recipient, MessageKind(message.kind), now)
            return message

    async def send(self, message: MailMessageRow) -> None:
        """One attempt at a message that was claimed. Raises RetryLater."""
        try:
            await self._attempt(message)
        finally:
            if self._probe == message.id:
                self._probe = None

    async def _attempt(self, message: MailMessageRow) -> None:
        begun = self._clock.monotonic()
        read = await patiently(lambda: self._read(message))
        if self._clock.monotonic() - begun > self._parts.lease_s / 4:
            raise RetryLater("the database was so slow that another sender may claim the message")
        reply = SmtpReply(DROPPED) if read is None else await self._parts.server.send(message_of(*read), read[0].to)
        attempt = Attempt(message, reply, self._judged(message, reply))
        self._parts.count(reply.outcome)
        await patiently(lambda: self._record(attempt))

    async def _record(self, attempt: Attempt) -> None:
        async with self._store.transaction() as session:
            await record(session, self._clock, attempt, self._parts.random)

    async def _read(self, message: MailMessageRow) -> tuple[Letterhead, MailContent] | None:
        """None when there is nothing to say any more, or nobody to say it to."""
        async with self._store.snapshot() as session:
            recipient = await session.get(RecipientRow, message.recipient_id)
            if recipient is None or not may_be_sent(recipient, MessageKind(message.kind)):
                return None
            offer = self._parts.offer
            name = await offer.name_of(session, recipient.organisation_id) or recipient.organisation_id
            setup = self._parts.setup
            unsubscribe = self._parts.tokens.opened(recipient.unsubscribe_sealed, recipient.id)
            head = Letterhead(setup.sender, recipient.address, setup.public_address, unsubscribe, name)
            content = await self._content(session, recipient, message, head)
            return None if content is None else (head, content)

    async def _content(
        self, session: AsyncSession, recipient: RecipientRow, message: MailMessageRow, head: Letterhead
    ) -> MailContent | None:
        kind = MessageKind(message.kind)
        if kind is MessageKind.CONFIRMATION:
            assert recipient.confirm_sealed is not None, "a message of this kind may be sent only with its token"
            token = self._parts.tokens.opened(recipient.confirm_sealed, recipient.id)
            return confirmation(message.id, message.created_at, head, token, CONFIRM_WITHIN.days)
        if kind is MessageKind.TEST:
            return trial(message.id, message.created_at, head)
        said = await gather(session, self._parts.offer, recipient.organisation_id, stretches(message))
        return None if said is None else news(message.id, message.created_at, kind, head, said)

    def _judged(self, message: MailMessageRow, reply: SmtpReply) -> float:
        """Seconds for which the mail server is left alone; 0 when it works. What was under way when it went away says nothing
        new: only the message that asks again makes the rest longer."""
        if not reply.is_of_server:
            if reply.status is not None:
                self._faults = 0
                self._log_limit.reset()
                self._parts.tell_away(False)
            return 0.0
        if self._faults and message.id != self._probe:
            return max(0.0, self._rests_until - self._clock.monotonic())
        rest_s = min(_FIRST_REST_S * 2.0 ** min(self._faults, 10), _LONGEST_REST_S)
        rest_s *= 1 + _JITTER * self._parts.random.random()
        self._faults += 1
        self._rests_until = self._clock.monotonic() + rest_s
        self._parts.tell_away(True)
        if self._log_limit.allows("away"):
            suppressed = self._log_limit.take_suppressed("away")
            log.warning("mail_server_away", outcome=reply.outcome, status=reply.status, suppressed=suppressed)
        return rest_s

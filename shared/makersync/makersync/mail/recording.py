"""Keeps what an attempt has come to: in the message, and in the state of its recipient."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.delivery.schedule import next_gap
from makersync.mail.claiming import lock_recipient
from makersync.mail.notices import note_stopped
from makersync.mail.server_state import keep_problem, keep_well
from makersync.mail.smtp import SmtpReply
from makersync.mail.states import DROPPED, SENT, MessageState, RecipientState
from makersync.mail.tables import MailMessageRow, RecipientRow
from makersync.store.database_time import read_database_time

#: So many messages in a row whose address is refused disable the recipient.
MOST_REFUSALS = 3
REFUSED, UNSUBSCRIBED = "refused", "unsubscribed"
_FINAL = {
    SENT: MessageState.SENT,
    DROPPED: MessageState.DROPPED,
    "address_refused": MessageState.FAILED,
    "message_refused": MessageState.FAILED,
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """A message as it was claimed, and what came of it. `rest_s`: seconds until the mail server is asked again."""

    message: MailMessageRow
    reply: SmtpReply
    rest_s: float = 0.0


async def record(session: AsyncSession, clock: Clock, attempt: Attempt, random: Random) -> None:
    """When another sender has claimed the message since, nothing is kept of it."""
    message, reply = attempt.message, attempt.reply
    recipient = await lock_recipient(session, message.recipient_id, wait=True)
    now = await read_database_time(session, clock)
    if reply.is_of_server:
        await keep_problem(session, reply.outcome, now)
    elif reply.status is not None:
        await keep_well(session, now)
    row = await session.get(MailMessageRow, message.id, populate_existing=True)
    if recipient is None or row is None or row.claim != message.claim or row.state != MessageState.PENDING:
        return
    row.owner = row.until = None
    if reply.is_of_server:
        row.next_at = now + timedelta(seconds=attempt.rest_s)
        return
    _settle(row, reply.outcome, now, random)
    await _judge(session, clock, recipient, reply.outcome, now)


def _settle(row: MailMessageRow, outcome: str, now: datetime, random: Random) -> None:
    row.attempts += 1
    row.outcome = outcome
    state = _FINAL.get(outcome)
    gap_s = next_gap(row.attempts, random) if state is None else None
    if gap_s is not None:
        row.next_at = now + timedelta(seconds=gap_s)
    else:
        row.state, row.finished_at = state or MessageState.FAILED, now


async def _judge(session: AsyncSession, clock: Clock, recipient: RecipientRow, outcome: str, now: datetime) -> None:
    if outcome == SENT:
        recipient.last_sent_at, recipient.refusals = now, 0
    elif outcome != DROPPED:
        recipient.last_error, recipient.last_error_at = outcome, now
    if outcome != "address_refused":
        return
    recipient.refusals += 1
    if recipient.refusals >= MOST_REFUSALS and recipient.state == RecipientState.ACTIVE:
        await stop(session, clock, recipient, RecipientState.DISABLED, now)


async def stop(session: AsyncSession, clock: Clock, recipient: RecipientRow, state: RecipientState, now: datetime) -> None:
    """The recipient gets no more mail. Its row is locked."""
    recipient.state, recipient.since = state, now
    recipient.reason = REFUSED if state is RecipientState.DISABLED else UNSUBSCRIBED
    recipient.confirm_digest = recipient.confirm_sealed = recipient.confirm_until = None
    recipient.version += 1
    waiting = (col(MailMessageRow.recipient_id) == recipient.id, col(MailMessageRow.state) == MessageState.PENDING)
    dropped = {"state": MessageState.DROPPED, "outcome": DROPPED, "finished_at": now, "owner": None, "until": None}
    await session.exec(update(MailMessageRow).where(*waiting).values(**dropped))
    await note_stopped(session, clock, recipient)

"""Sends messages to members, and to those who are to become members. They wait in the database for a process that sends mail.

A request for a new password is kept for whatever address somebody typed, so that the answer and its time do not tell who is a
member. Whether there is one is found out by the sender, which makes the link as well: no link stands in the database.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Protocol

import structlog
from sqlalchemy import Update
from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.errors import RetryLater
from makersync.identifiers import new_id
from makersync.mail.composing import MailContent, bare_message
from makersync.mail.message_parts import Link, Paragraph
from makersync.mail.server_state import keep_problem, keep_well
from makersync.mail.setup import MailSetup
from makersync.mail.smtp import SmtpReply
from makersync.mail.states import DEFERRED, DROPPED, SENT
from makersync.members.mail_texts import MemberMailTexts
from makersync.members.mailing import AGAIN, claimed_mail, next_attempt
from makersync.members.offer import OPERATORS_ALONE, MembersOffer
from makersync.members.recovery import RECOVER_PATH, RECOVERY, Recoveries
from makersync.members.recovery_requests import LONGEST
from makersync.members.tables import MemberMailRow, MemberRow, RecoveryRequestRow
from makersync.store.database import Store
from makersync.waiting import pause

log = structlog.get_logger(__name__)
_LOOK_S = 2.0
#: What ends a message: to send it again might send it twice, or is of no use.
_ENDS = (SENT, "doubtful", "address_refused", "message_refused", "policy_refused")
#: Receivers that know no sender of ours defer first messages for hours.
_DEFERRED_LONG = timedelta(days=1)
#: An address is written to no more often.
REST = timedelta(minutes=10)


class SendsMail(Protocol):
    async def send(self, message: EmailMessage, to: str) -> SmtpReply: ...


async def member_mail_waiting(session: AsyncSession, now: datetime, longer_than: timedelta) -> tuple[int, datetime | None]:
    """How many messages have waited longer to be sent, and the longest since when. Requests for addresses of nobody are none of
    them."""
    # What was not sent is tried again soon: by that the index finds it.
    due = (~col(RecoveryRequestRow.is_sent), col(RecoveryRequestRow.next_at) <= now + AGAIN)
    is_members = col(MemberRow.address_key) == col(RecoveryRequestRow.address_key)
    asked = select(func.count(), func.min(RecoveryRequestRow.made_at)).select_from(RecoveryRequestRow)
    query = asked.join(MemberRow, is_members)
    requests, since = (await session.exec(query.where(*due, col(RecoveryRequestRow.made_at) < now - longer_than))).one()
    # Whoever invited is told that a receiver defers a message. Where it goes on, the mail server may be what is wrong.
    is_short = (col(MemberMailRow.outcome) == DEFERRED) & (col(MemberMailRow.made_at) >= now - _DEFERRED_LONG)
    waits = (col(MemberMailRow.next_at).is_not(None), ~is_short)
    others = select(func.count(), func.min(MemberMailRow.made_at)).where(*waits, col(MemberMailRow.made_at) < now - longer_than)
    count, other_since = (await session.exec(others)).one()
    return requests + count, min((each for each in (since, other_since) if each is not None), default=None)


@dataclass(frozen=True, slots=True)
class MemberMailSender:
    """Several processes may send: whoever claims a message has it until it would be tried again. `count` is given the outcome
    of each attempt, and `tell_away` whether the mail server is away; `members` names organisations in messages."""

    store: Store
    clock: Clock
    pepper: bytes
    setup: MailSetup
    server: SendsMail
    count: Callable[[str], None]
    tell_away: Callable[[bool], None]
    members: MembersOffer = OPERATORS_ALONE

    async def run(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                while await self.send_one():
                    pass
            except RetryLater:
                log.warning("member_letters_wait")
            await pause(stop, _LOOK_S)

    async def send_one(self) -> bool:
        """Returns whether there was one to send, or to forget."""
        return await self._send_recovery() or await self._send_other()

    async def _send_recovery(self) -> bool:
        async with self.store.unnoticed() as session:
            row = await self._claimed(session)
            if row is None:
                return False
            prepared = await self._prepared(session, row)
            if prepared is None:
                await session.delete(row)
                return True
        message, to = prepared
        reply = await self.server.send(message, to)
        mine = update(RecoveryRequestRow).where(col(RecoveryRequestRow.address_key) == row.address_key)
        rests = mine.values(is_sent=True, next_at=self.clock.now() + REST)
        await self._keep(reply, rests if reply.outcome in _ENDS else None)
        return True

    async def _send_other(self) -> bool:
        async with self.store.unnoticed() as session:
            row = await claimed_mail(session, self.clock.now())
            if row is None:
                return False
            texts = MemberMailTexts(session, self.pepper, self.clock, self.members, self.setup.public_address)
            content = await texts.content(row)
            if content is None:
                row.next_at, row.outcome = None, DROPPED
                return True
        reply = await self.server.send(bare_message(self.setup.sender, row.address, content), row.address)
        next_at = None if reply.outcome in _ENDS else next_attempt(row, self.clock.now(), reply.is_of_server)
        mine = update(MemberMailRow).where(col(MemberMailRow.letter_id) == row.letter_id)
        await self._keep(reply, mine.values(next_at=next_at, outcome=reply.outcome))
        return True

    async def _keep(self, reply: SmtpReply, change: Update | None) -> None:
        """What came of an attempt, and what it says about the mail server."""
        self.count(reply.outcome)
        if reply.outcome != SENT:
            log.warning("member_letter_not_sent", outcome=reply.outcome)
        async with self.store.transaction() as session:
            if change is not None:
                await session.exec(change)
            if reply.is_of_server:
                await keep_problem(session, reply.outcome, self.clock.now())
            elif reply.status is not None:
                await keep_well(session, self.clock.now())
        if reply.is_of_server or reply.status is not None:
            self.tell_away(reply.is_of_server)

    async def _claimed(self, session: AsyncSession) -> RecoveryRequestRow | None:
        now = self.clock.now()
        due = select(RecoveryRequestRow).where(col(RecoveryRequestRow.next_at) <= now).order_by(col(RecoveryRequestRow.next_at))
        row = (await session.exec(due.limit(1).with_for_update(skip_locked=True))).first()
        if row is not None:
            row.next_at = now + AGAIN
        return row

    async def _prepared(self, session: AsyncSession, row: RecoveryRequestRow) -> tuple[EmailMessage, str] | None:
        """None where nobody is to be written to, the member has no password to forget, it was sent, or it was tried
        for long enough."""
        now = self.clock.now()
        member = (await session.exec(select(MemberRow).where(MemberRow.address_key == row.address_key))).first()
        if member is None or not member.password_hash or row.is_sent or now - row.made_at >= LONGEST:
            return None
        token = await Recoveries(session, self.pepper, self.clock).issue(member.member_id)
        content = MailContent(
            new_id("mlt", now),
            now,
            "Set a new password for Makersync",
            [
                Paragraph("Somebody, probably you, asked for a new password for this address."),
                Link(
                    f"Open this address within {RECOVERY // timedelta(minutes=1)} minutes and choose one. It works once:",
                    f"{self.setup.public_address}{RECOVER_PATH}/{token}",
                ),
                Paragraph("If it was not you, do nothing: your password stays as it is."),
            ],
        )
        return bare_message(self.setup.sender, member.address, content), member.address

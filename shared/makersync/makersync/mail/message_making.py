"""Makes messages of the feed's entries: in one transaction with the position that they cover, so that each is told once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.feed.repository import FeedRepository
from makersync.identifiers import new_id
from makersync.mail.gathering import Span, has_news
from makersync.mail.offer import MailOffer
from makersync.mail.states import Cadence, MessageKind, MessageState, Weekday
from makersync.mail.tables import MailMessageRow, RecipientRow
from makersync.mail.timing import NOTICE_GAP, next_digest

#: Entries that one notice looks at; more wait for the next one.
MOST_IN_NOTICE = 2000


@dataclass(frozen=True, slots=True)
class Making:
    """What messages are made with."""

    session: AsyncSession
    offer: MailOffer
    zone: tzinfo
    now: datetime

    async def make_due(self, row: RecipientRow) -> None:
        """Make the messages that are due. The recipient's row is locked, and active."""
        head = await FeedRepository(self.session, row.organisation_id).head()
        if row.has_immediate and (row.immediate_at is None or row.immediate_at <= self.now):
            await self._make_unless_waiting(row, Cadence.IMMEDIATE, await self._notice_end(row, head.position))
        if row.daily_at is not None and row.daily_at <= self.now:
            await self._make_unless_waiting(row, Cadence.DAILY, head.position)
        if row.weekly_at is not None and row.weekly_at <= self.now:
            await self._make_unless_waiting(row, Cadence.WEEKLY, head.position)

    async def tell_all(self, row: RecipientRow) -> None:
        """Make messages of all that has been gathered so far: the choice of types is about to change. What was never tried to
        be sent takes it along, so that one message of a kind waits however often another choice is made. The row is locked."""
        head = await FeedRepository(self.session, row.organisation_id).head()
        for cadence in Cadence:
            await self._make(row, cadence, head.position)

    async def begin(self, row: RecipientRow) -> None:
        """What happens from now on is told, as chosen. The row is locked."""
        head = await FeedRepository(self.session, row.organisation_id).head()
        row.immediate_cursor = row.daily_cursor = row.weekly_cursor = head.position
        row.has_immediate = Cadence.IMMEDIATE in row.cadences.values()
        self.plan(row)

    def plan(self, row: RecipientRow) -> None:
        """The digests that follow."""
        chosen, weekday = set(row.cadences.values()), Weekday(row.weekday).number
        row.daily_at = next_digest(self.now, row.hour, None, self.zone) if Cadence.DAILY in chosen else None
        row.weekly_at = next_digest(self.now, row.hour, weekday, self.zone) if Cadence.WEEKLY in chosen else None

    def add(self, row: RecipientRow, kind: MessageKind, span: Span | None = None) -> MailMessageRow:
        """A message that can be sent at once."""
        message = MailMessageRow(
            id=new_id("mml", self.now),
            recipient_id=row.id,
            kind=kind,
            after=span.after if span else None,
            upto=span.upto if span else None,
            cadences=dict(row.cadences) if span else {},
            state=MessageState.PENDING,
            next_at=self.now,
            created_at=self.now,
        )
        self.session.add(message)
        return message

    async def _notice_end(self, row: RecipientRow, head: int) -> int:
        """A notice that cannot look at all entries ends where it has to stop."""
        span = Span(row.immediate_cursor, head, Cadence.IMMEDIATE, row.cadences)
        feed = FeedRepository(self.session, row.organisation_id)
        entries = await feed.after(span.after, span.types, MOST_IN_NOTICE)
        return entries[-1].position if len(entries) == MOST_IN_NOTICE else head

    async def _make_unless_waiting(self, row: RecipientRow, cadence: Cadence, upto: int) -> None:
        """While a message of the kind cannot be sent, what follows is gathered for the next one."""
        if not await self._waits(row, cadence):
            await self._make(row, cadence, upto)
            if cadence is not Cadence.IMMEDIATE:
                self._plan_one(row, cadence)

    async def _make(self, row: RecipientRow, cadence: Cadence, upto: int) -> None:
        span = Span(_cursor(row, cadence), upto, cadence, row.cadences)
        if span.types and span.after < upto and await has_news(self.session, self.offer, row.organisation_id, span):
            untried = await self._untried(row, MessageKind(cadence))
            if untried is None:
                self.add(row, MessageKind(cadence), span)
            else:
                _take_along(untried, span)
            if cadence is Cadence.IMMEDIATE:
                row.immediate_at = self.now + NOTICE_GAP
        _move(row, cadence, upto)

    async def _untried(self, row: RecipientRow, kind: MessageKind) -> MailMessageRow | None:
        """The message of the kind that nobody can have got yet: with more in it, another one would arrive under its id."""
        mine = (MailMessageRow.recipient_id == row.id, MailMessageRow.kind == kind)
        untried = (MailMessageRow.state == MessageState.PENDING, MailMessageRow.attempts == 0)
        free = select(MailMessageRow).where(*mine, *untried, col(MailMessageRow.owner).is_(None))
        newest = free.order_by(col(MailMessageRow.created_at).desc(), col(MailMessageRow.id).desc()).limit(1)
        return (await self.session.exec(newest.execution_options(populate_existing=True))).first()

    def _plan_one(self, row: RecipientRow, cadence: Cadence) -> None:
        if cadence is Cadence.DAILY:
            row.daily_at = next_digest(self.now, row.hour, None, self.zone)
        else:
            row.weekly_at = next_digest(self.now, row.hour, Weekday(row.weekday).number, self.zone)

    async def _waits(self, row: RecipientRow, cadence: Cadence) -> bool:
        return await waiting(self.session, row.id, MessageKind(cadence)) > 0


def stretches(message: MailMessageRow) -> list[Span]:
    """What the message tells, in the order of the feed; nothing for one that tells no news."""
    if message.after is None or message.upto is None:
        return []
    earlier = [Span(each["after"], each["upto"], message.kind, each["cadences"]) for each in message.earlier]
    return [*earlier, Span(message.after, message.upto, message.kind, message.cadences)]


def _take_along(message: MailMessageRow, span: Span) -> None:
    last = stretches(message)[-1]
    if (last.cadences, last.upto) != (span.cadences, span.after):
        before = {"after": last.after, "upto": last.upto, "cadences": dict(last.cadences)}
        message.earlier, message.after = [*message.earlier, before], span.after
    message.upto, message.cadences = span.upto, dict(span.cadences)


async def waiting(session: AsyncSession, recipient_id: str, kind: MessageKind) -> int:
    """How many messages of the kind are still to be sent to the recipient."""
    mine = (
        col(MailMessageRow.recipient_id) == recipient_id,
        col(MailMessageRow.kind) == kind,
        col(MailMessageRow.state) == MessageState.PENDING,
    )
    return (await session.exec(select(func.count(col(MailMessageRow.id))).where(*mine))).one()


_CURSORS: Mapping[Cadence, str] = {
    Cadence.IMMEDIATE: "immediate_cursor",
    Cadence.DAILY: "daily_cursor",
    Cadence.WEEKLY: "weekly_cursor",
}


def _cursor(row: RecipientRow, cadence: Cadence) -> int:
    return int(getattr(row, _CURSORS[cadence]))


def _move(row: RecipientRow, cadence: Cadence, upto: int) -> None:
    setattr(row, _CURSORS[cadence], max(upto, _cursor(row, cadence)))

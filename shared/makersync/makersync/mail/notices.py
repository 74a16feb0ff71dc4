"""What the feed of an organisation says about its recipients of mail, by their ids; their addresses stay out of it."""

from collections.abc import Mapping

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.feed.entries import FeedWriter, NewEntry
from makersync.mail.tables import RecipientRow

STOPPED = "mail.stopped"
#: To be listed among the types of the feed of a service that sends mail.
MAIL_NOTICE_TYPES: Mapping[str, str] = {
    STOPPED: "a recipient of mail gets no more, for the `reason` in `data`: unsubscribed, or its address is refused"
}


async def note_stopped(session: AsyncSession, clock: Clock, row: RecipientRow) -> None:
    """The recipient has unsubscribed, or was disabled."""
    data = {"recipient_id": row.id, "reason": row.reason}
    entry = NewEntry(row.organisation_id, STOPPED, row.id, clock.now(), data)
    await FeedWriter(session, clock).record([entry])

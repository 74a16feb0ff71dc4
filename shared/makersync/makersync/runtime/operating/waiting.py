"""What waits in a service to go out, and since when."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.delivery.tables import DeliveryRow
from makersync.effects.refused_events import refused_up_to
from makersync.effects.relay import oldest_unpublished, unpublished
from makersync.feed.tables import FeedEntryRow
from makersync.mail.server_state import ServerState, server_state
from makersync.runtime.status import ProcessStatus

#: Refused events are counted up to here.
MOST_REFUSED = 1000


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits to go out: events for the broker, entries of feeds for their numbers, messages to webhooks, mail. None where
    the service sends nothing of the kind."""

    events: int
    oldest_event: datetime | None
    refused: int
    entries: int | None
    oldest_entry: datetime | None
    deliveries: int | None
    mail: ServerState | None


async def read_waiting(session: AsyncSession, status: ProcessStatus) -> Waiting:
    has_webhooks, has_mail = status.definition.has_webhooks, status.definition.mail is not None
    events = await unpublished(session)
    unnumbered = select(FeedEntryRow.id).where(col(FeedEntryRow.position).is_(None))
    # By the order of its index, which holds these alone; SQLite would count them in the one of all positions.
    entries = select(func.count()).select_from(unnumbered.order_by(col(FeedEntryRow.id)).subquery())
    pending = select(func.count()).where(DeliveryRow.state == "pending")
    return Waiting(
        events=events,
        oldest_event=await oldest_unpublished(session) if events else None,
        refused=await refused_up_to(session, MOST_REFUSED),
        entries=(await session.exec(entries)).one() if has_webhooks else None,
        oldest_entry=await _oldest_unnumbered(session) if has_webhooks else None,
        deliveries=(await session.exec(pending)).one() if has_webhooks else None,
        mail=await server_state(session) if has_mail else None,
    )


async def _oldest_unnumbered(session: AsyncSession) -> datetime | None:
    first = select(FeedEntryRow.recorded_at).where(col(FeedEntryRow.position).is_(None)).order_by(col(FeedEntryRow.id)).limit(1)
    return (await session.exec(first)).first()

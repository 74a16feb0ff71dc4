"""Makes deliveries of the feed's entries, a bounded number ahead, so that a receiver that is away costs no more than these."""

from collections.abc import Sequence

from sqlmodel import col, func, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.delivery.notices import note_behind
from makersync.delivery.tables import DeliveryRow, WebhookRow
from makersync.feed.repository import Entry, FeedRepository
from makersync.identifiers import new_id
from makersync.store.database_time import read_database_time
from makersync.store.upserts import insert_rows

#: Deliveries of one webhook that may wait; more are made once half of them are done.
WINDOW = 200
REFILLED_AT = WINDOW // 2
PENDING = "pending"


async def fill_window(session: AsyncSession, clock: Clock, webhook: WebhookRow) -> None:
    """Make deliveries until so many wait. The webhook's row is locked."""
    waiting = await _waiting(session, webhook)
    if waiting > REFILLED_AT:
        return
    feed = FeedRepository(session, webhook.organisation_id)
    head = await feed.head()
    if _reached(webhook) < head.forgotten:
        await _move_on(session, clock, webhook, head.forgotten)
    entries = await feed.after(_reached(webhook), webhook.types, WINDOW - waiting)
    is_all = len(entries) < WINDOW - waiting
    await _make(session, clock, webhook, [entry for entry in entries if _is_asked_for(webhook, entry)])
    _advance(webhook, head.position if is_all else entries[-1].position)


def _reached(webhook: WebhookRow) -> int:
    return webhook.cursor if webhook.replay_after is None else webhook.replay_after


def _is_asked_for(webhook: WebhookRow, entry: Entry) -> bool:
    return webhook.replay_to is None or entry.position <= webhook.replay_to


def _advance(webhook: WebhookRow, reached: int) -> None:
    """A replay that has reached its end gives way to what follows the cursor."""
    if webhook.replay_to is None:
        webhook.cursor = reached
    elif reached >= webhook.replay_to:
        webhook.replay_after = webhook.replay_to = None
    else:
        webhook.replay_after = reached


async def _move_on(session: AsyncSession, clock: Clock, webhook: WebhookRow, forgotten: int) -> None:
    """What the feed no longer keeps cannot be sent; the organisation is told to read the snapshot."""
    if webhook.cursor < forgotten:
        await note_behind(session, clock, webhook, forgotten)
        webhook.cursor = forgotten
    if webhook.replay_to is not None and webhook.replay_to <= forgotten:
        webhook.replay_after = webhook.replay_to = None
    elif webhook.replay_after is not None:
        webhook.replay_after = max(webhook.replay_after, forgotten)


async def _waiting(session: AsyncSession, webhook: WebhookRow) -> int:
    """Those beyond a replay wait for its end, and must not keep it from going on."""
    mine = (
        col(DeliveryRow.webhook_id) == webhook.id,
        col(DeliveryRow.state) == PENDING,
        col(DeliveryRow.position) <= _reached(webhook),
    )
    return (await session.exec(select(func.count(col(DeliveryRow.id))).where(*mine))).one()


async def _make(session: AsyncSession, clock: Clock, webhook: WebhookRow, entries: Sequence[Entry]) -> None:
    """New deliveries, or those of the positions again whose state was final. Those that wait already stay as they are."""
    if not entries:
        return
    now = await read_database_time(session, clock)
    at_positions = (
        col(DeliveryRow.webhook_id) == webhook.id,
        col(DeliveryRow.position).in_([entry.position for entry in entries]),
    )
    known = set((await session.exec(select(DeliveryRow.position).where(*at_positions))).all())
    final = (*at_positions, col(DeliveryRow.state) != PENDING)
    again = {"state": PENDING, "attempts": 0, "next_at": now, "finished_at": None}
    if known:
        await session.exec(update(DeliveryRow).where(*final).values(**again))
    rows = [
        {
            "id": new_id("dlv", now),
            "webhook_id": webhook.id,
            "position": entry.position,
            "type": entry.type,
            "subject": entry.subject,
            "state": PENDING,
            "attempts": 0,
            "next_at": now,
            "claim": 0,
            "created_at": now,
        }
        for entry in entries
        if entry.position not in known
    ]
    await insert_rows(session, DeliveryRow, rows)

"""Makes deliveries of the feed's entries, a bounded number ahead, so that a receiver that is away costs no more than these."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.delivery.health import WebhookState
from makersync.delivery.notices import note_behind
from makersync.delivery.tables import DeliveryRow, WebhookRow
from makersync.feed.repository import FeedHead, FeedRepository, Outline, read_heads
from makersync.identifiers import new_id
from makersync.store.among import among
from makersync.store.upserts import Row, insert_missing

#: Deliveries of one webhook that may wait; more are made once half of them are done.
WINDOW = 200
REFILLED_AT = WINDOW // 2
PENDING = "pending"


async def fill_windows(session: AsyncSession, clock: Clock, now: datetime, waiting: Iterable[tuple[WebhookRow, int]]) -> None:
    """Make deliveries until so many wait of each webhook that is not disabled. `waiting` says how many do. The webhooks' rows
    are locked; `now` is database time."""
    low = [(each, count) for each, count in waiting if each.state != WebhookState.DISABLED and count <= REFILLED_AT]
    if not low:
        return
    heads = await read_heads(session, {webhook.organisation_id for webhook, _ in low})
    rows: list[Row] = []
    for webhook, count in low:
        head = heads[webhook.organisation_id]
        if _reached(webhook) < head.forgotten:
            await _move_on(session, clock, webhook, head.forgotten)
        rows += await _next(session, now, webhook, head, WINDOW - count)
    # Those that wait already stay as they are.
    await insert_missing(session, DeliveryRow, rows, ["webhook_id", "position"])
    await session.flush()


def may_fill_again(webhook: WebhookRow, waiting: int) -> bool:
    """Whether a filling of its window may leave more to be made at once: a replay ends before what follows it is reached."""
    return webhook.replay_to is not None and webhook.state != WebhookState.DISABLED and waiting <= REFILLED_AT


async def _next(session: AsyncSession, now: datetime, webhook: WebhookRow, head: FeedHead, most: int) -> Sequence[Row]:
    """The deliveries to be made of what follows in the feed. The webhook's place moves behind it."""
    if _reached(webhook) >= head.position and webhook.replay_to is None:
        return []
    entries = await FeedRepository(session, webhook.organisation_id).outline(_reached(webhook), webhook.types, most)
    wanted = [each for each in entries if _is_asked_for(webhook, each)]
    if webhook.replay_to is not None:
        await _make_again(session, now, webhook, wanted)
    last = entries[-1].position if entries else 0
    _advance(webhook, max(head.position, last) if len(entries) < most else last)
    return [_new(webhook, each, now) for each in wanted]


def _new(webhook: WebhookRow, entry: Outline, now: datetime) -> Row:
    about = {"position": entry.position, "type": entry.type, "subject": entry.subject}
    state = {"state": PENDING, "attempts": 0, "claim": 0, "next_at": now, "created_at": now}
    return {"id": new_id("dlv", now), "webhook_id": webhook.id, **about, **state}


def _reached(webhook: WebhookRow) -> int:
    return webhook.cursor if webhook.replay_after is None else webhook.replay_after


def _is_asked_for(webhook: WebhookRow, entry: Outline) -> bool:
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


async def _make_again(session: AsyncSession, now: datetime, webhook: WebhookRow, entries: Sequence[Outline]) -> None:
    """The deliveries whose state is final wait once more."""
    final = (
        col(DeliveryRow.webhook_id) == webhook.id,
        among(session, col(DeliveryRow.position), [each.position for each in entries]),
        col(DeliveryRow.state) != PENDING,
    )
    again = {"state": PENDING, "attempts": 0, "next_at": now, "finished_at": None}
    await session.exec(update(DeliveryRow).where(*final).values(**again))

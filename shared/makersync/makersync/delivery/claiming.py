"""Claiming deliveries: by leases in database time, at most so many of a webhook at a time, and in order of each subject.

Whoever claims, records or changes locks the webhook's row first, so that what one sender counts is what all of them have.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table
from sqlmodel import and_, col, exists, func, not_, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.delivery.health import WebhookState
from makersync.delivery.tables import DeliveryRow, WebhookRow
from makersync.delivery.window import PENDING, REFILLED_AT
from makersync.feed.tables import FeedHeadRow
from makersync.store.database_time import database_time

#: Longer than an attempt can take, so that only a delivery of a sender that has died is claimed again.
LEASE_S = 60.0
DELIVERY = cast(Table, DeliveryRow.__table__)  # type: ignore[attr-defined]
WEBHOOK = cast(Table, WebhookRow.__table__)  # type: ignore[attr-defined]
HEAD = cast(Table, FeedHeadRow.__table__)  # type: ignore[attr-defined]
_REACHED = func.coalesce(WEBHOOK.c.replay_after, WEBHOOK.c.cursor)


@dataclass(frozen=True, slots=True)
class ClaimTerms:
    """Who claims, for how long, and how many deliveries of one webhook may be under way at a time."""

    owner: str
    most: int
    lease_s: float = LEASE_S


async def busy_webhooks(session: AsyncSession, clock: Clock, most: int) -> Sequence[str]:
    """The webhooks of which something can be sent now, or for which deliveries can be made."""
    now = database_time(session, clock)
    sendable = and_(_may_send(now), _under_way(now) < most, exists().where(_due(now)))
    paused_under_way = and_(WEBHOOK.c.state == WebhookState.PAUSED, _under_way(now) > 0)
    test_waits = exists().where(_due(now), DELIVERY.c.position.is_(None))
    found = select(WEBHOOK.c.id).where(or_(and_(sendable, not_(paused_under_way)), _fillable(), test_waits))
    return (await session.exec(found.order_by(WEBHOOK.c.id))).all()


async def has_webhooks(session: AsyncSession) -> bool:
    """Whether any organisation has one."""
    return (await session.exec(select(WEBHOOK.c.id).limit(1))).first() is not None


async def lock_webhook(session: AsyncSession, webhook_id: str, wait: bool = False) -> WebhookRow | None:
    """The webhook with its row locked until the transaction ends; None if it is gone, or another has it and `wait` is not
    set."""
    query = select(WebhookRow).where(WebhookRow.id == webhook_id).with_for_update(skip_locked=not wait)
    return (await session.exec(query.execution_options(populate_existing=True))).first()


async def claim(
    session: AsyncSession, clock: Clock, webhook: WebhookRow, terms: ClaimTerms, room: int
) -> Sequence[DeliveryRow]:
    """Take what can be sent now, at most `room`. The webhook's row is locked, and its changes are in the database."""
    ids = await _claimable(session, clock, webhook, min(room, terms.most), terms.most)
    if not ids:
        return []
    until = database_time(session, clock, terms.lease_s)
    taken = {DELIVERY.c.owner: terms.owner, DELIVERY.c.until: until, DELIVERY.c.claim: DELIVERY.c.claim + 1}
    await session.exec(update(DELIVERY).where(DELIVERY.c.id.in_(ids)).values(taken))
    rows = select(DeliveryRow).where(col(DeliveryRow.id).in_(ids)).execution_options(populate_existing=True)
    return (await session.exec(rows.order_by(col(DeliveryRow.position)))).all()


async def _claimable(session: AsyncSession, clock: Clock, webhook: WebhookRow, room: int, most: int) -> Collection[str]:
    now = database_time(session, clock)
    under_way = (await session.exec(select(_under_way(now)).where(WEBHOOK.c.id == webhook.id))).one()
    free = min(room, most - under_way)
    if webhook.state == WebhookState.PAUSED:
        free = min(free, 1 - under_way)
    if free <= 0:
        return []
    may_send = or_(DELIVERY.c.position.is_(None), _may_send(now))
    query = select(DELIVERY.c.id).select_from(WEBHOOK.join(DELIVERY, _due(now))).where(WEBHOOK.c.id == webhook.id, may_send)
    first = (DELIVERY.c.next_at, DELIVERY.c.position) if webhook.state == WebhookState.PAUSED else (DELIVERY.c.position,)
    return (await session.exec(query.order_by(*first).limit(free))).all()


def _may_send(now: Any) -> Any:
    rested = or_(WEBHOOK.c.not_before.is_(None), WEBHOOK.c.not_before <= now)
    return and_(WEBHOOK.c.state != WebhookState.DISABLED, rested)


def _due(now: Any) -> Any:
    """Waiting deliveries of the webhook whose time has come, with none of the same subject before them."""
    is_free = or_(DELIVERY.c.until.is_(None), DELIVERY.c.until <= now)
    is_passed = or_(DELIVERY.c.position.is_(None), DELIVERY.c.position <= _REACHED)
    return and_(_pending(DELIVERY), DELIVERY.c.next_at <= now, is_free, is_passed, not_(_has_earlier()))


def _has_earlier() -> Any:
    earlier = DELIVERY.alias("earlier")
    same = and_(earlier.c.subject == DELIVERY.c.subject, earlier.c.position < DELIVERY.c.position)
    return exists().where(_pending(earlier), same).correlate(DELIVERY, WEBHOOK)


def _under_way(now: Any) -> Any:
    taken = DELIVERY.alias("taken")
    count = select(func.count()).select_from(taken).where(_pending(taken), taken.c.until > now)
    return count.correlate(WEBHOOK).scalar_subquery()


def _fillable() -> Any:
    """There is more in the feed than has been looked at, or a replay is not through, and few deliveries wait."""
    waiting = DELIVERY.alias("waiting")
    counted = and_(_pending(waiting), waiting.c.position <= _REACHED)
    count = select(func.count()).select_from(waiting).where(counted).correlate(WEBHOOK).scalar_subquery()
    whose = HEAD.c.organisation_id == WEBHOOK.c.organisation_id
    more = exists().where(whose, HEAD.c.position > WEBHOOK.c.cursor).correlate(WEBHOOK)
    wanted = or_(WEBHOOK.c.replay_after.is_not(None), more)
    return and_(WEBHOOK.c.state != WebhookState.DISABLED, wanted, count <= REFILLED_AT)


def _pending(table: Any) -> Any:
    return and_(table.c.webhook_id == WEBHOOK.c.id, table.c.state == PENDING)

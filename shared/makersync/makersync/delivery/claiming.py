"""Claiming deliveries: by leases in database time, at most so many of a webhook at a time, and in order of each subject.

Whoever claims, records or changes locks the webhook's row first, so that what one sender counts is what all of them have.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import BigInteger, Integer, Table, bindparam, literal_column
from sqlmodel import and_, case, col, exists, func, not_, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.delivery.attempts import keep_unknown
from makersync.delivery.health import WebhookState
from makersync.delivery.tables import DeliveryRow, WebhookRow
from makersync.delivery.window import PENDING, REFILLED_AT
from makersync.feed.tables import FeedHeadRow
from makersync.store.among import among
from makersync.store.tables import UtcDateTime

#: Longer than an attempt can take, so that only a delivery of a sender that has died is claimed again.
LEASE_S = 60.0
DELIVERY = cast(Table, DeliveryRow.__table__)  # type: ignore[attr-defined]
WEBHOOK = cast(Table, WebhookRow.__table__)  # type: ignore[attr-defined]
HEAD = cast(Table, FeedHeadRow.__table__)  # type: ignore[attr-defined]
_REACHED = func.coalesce(WEBHOOK.c.replay_after, WEBHOOK.c.cursor)
#: Database time, a number, and webhooks. Statements with these are made once, since making them takes longer than running them.
_NOW, _MOST = bindparam("now", type_=UtcDateTime()), bindparam("most", type_=Integer())
_AMONG: Any = bindparam("webhook_ids", expanding=True)
_SINCE = bindparam("since", type_=BigInteger())


@dataclass(frozen=True, slots=True)
class ClaimTerms:
    """Who claims, for how long, and how many deliveries of one webhook may be under way at a time."""

    owner: str
    most: int
    lease_s: float = LEASE_S


@dataclass(frozen=True, slots=True)
class DeliveryCounts:
    """How many deliveries of a webhook are under way, and how many wait."""

    under_way: int
    waiting: int


async def busy_webhooks(session: AsyncSession, now: datetime, most: int) -> Sequence[str]:
    """The webhooks of which something can be sent now, database time, or for which deliveries can be made. Each is looked
    at."""
    found: Sequence[str] = (await session.exec(_BUSY, params={"now": now, "most": most})).all()
    return found


async def moved_webhooks(session: AsyncSession, since: int, most: int) -> Sequence[str]:
    """Those for which deliveries can be made because their feeds have moved after that transaction; at most so many."""
    found: Sequence[str] = (await session.exec(_MOVED, params={"since": since, "most": most})).all()
    return found


async def has_webhooks(session: AsyncSession) -> bool:
    """Whether any organisation has one."""
    return (await session.exec(select(WEBHOOK.c.id).limit(1))).first() is not None


async def lock_webhook(session: AsyncSession, webhook_id: str) -> WebhookRow | None:
    """The webhook with its row locked until the transaction ends; None if it is gone."""
    return next(iter(await lock_webhooks(session, [webhook_id], wait=True)), None)


async def lock_webhooks(session: AsyncSession, webhook_ids: Collection[str], wait: bool = False) -> Sequence[WebhookRow]:
    """Those that are there, locked in one order by everybody; unless `wait` is set, without those that another has."""
    wanted = select(WebhookRow).where(among(session, col(WebhookRow.id), webhook_ids)).order_by(col(WebhookRow.id))
    query = wanted.with_for_update(skip_locked=not wait)
    return (await session.exec(query.execution_options(populate_existing=True))).all()


async def counts_of(session: AsyncSession, now: datetime, webhook_ids: Collection[str]) -> Mapping[str, DeliveryCounts]:
    """By webhook. Their rows are locked."""
    rows = await session.exec(_COUNTS, params={"now": now, "webhook_ids": list(webhook_ids)})
    return {webhook_id: DeliveryCounts(under_way, waiting) for webhook_id, under_way, waiting in rows}


def free_of(webhook: WebhookRow, counts: DeliveryCounts, most: int) -> int:
    """How many deliveries more may be under way. Of a webhook that is paused there is one at a time."""
    if webhook.state == WebhookState.PAUSED:
        most = min(most, 1)
    return most - counts.under_way


async def claim(
    session: AsyncSession, now: datetime, free: Mapping[str, int], terms: ClaimTerms, room: int
) -> Sequence[DeliveryRow]:
    """Take what can be sent now, at most `room`, and of each webhook at most as many as are `free`. The webhooks' rows are
    locked, and their changes are in the database. The log is told of claims that came to nothing."""
    found = await _claimable(session, now, {each: count for each, count in free.items() if count > 0}, room)
    if not found:
        return []
    ids, lease = [each.id for each in found], timedelta(seconds=terms.lease_s)
    await keep_unknown(session, [(each.id, each.claim, each.until - lease) for each in found if each.until is not None])
    until = now + lease
    taken = {"owner": terms.owner, "until": until, "claim": DELIVERY.c.claim + 1}
    claimed = update(DeliveryRow).where(among(session, DELIVERY.c.id, ids)).values(**taken).returning(DeliveryRow)
    rows = await session.exec(claimed, execution_options={"synchronize_session": False, "populate_existing": True})
    return sorted((row for (row,) in rows), key=lambda row: row.position or 0)


async def _claimable(session: AsyncSession, now: datetime, free: Mapping[str, int], room: int) -> Sequence[Any]:
    """The first of each webhook, by their turn; the webhooks in the order in which they are given. Each row has the id of a
    delivery, and the number and the lease of the claim before."""
    if not free:
        return []
    first: dict[str, list[Any]] = {each: [] for each in free}
    given = {"now": now, "webhook_ids": list(free), "most": max(free.values())}
    for row in await session.exec(_NEXT, params=given):
        first[row.webhook_id].append(row)
    return [each for webhook_id, found in first.items() for each in found[: free[webhook_id]]][:room]


def _busy() -> Any:
    sendable = and_(_may_send(), _under_way() < _MOST, exists().where(_due()))
    paused_under_way = and_(WEBHOOK.c.state == WebhookState.PAUSED, _under_way() > 0)
    test_waits = exists().where(_due(), DELIVERY.c.position.is_(None))
    found = select(WEBHOOK.c.id).where(or_(and_(sendable, not_(paused_under_way)), is_fillable(), test_waits))
    return found.order_by(WEBHOOK.c.id)


def _moved() -> Any:
    whose = HEAD.join(WEBHOOK, WEBHOOK.c.organisation_id == HEAD.c.organisation_id)
    return select(WEBHOOK.c.id).select_from(whose).where(HEAD.c.moved > _SINCE, is_fillable()).limit(_MOST)


def _next() -> Any:
    """The first so many of each webhook that can be sent, in the feed's order. Of a webhook that is paused the one whose time
    came first is tried, so that each has its attempts."""
    tried = case((WEBHOOK.c.state == WebhookState.PAUSED, DELIVERY.c.next_at))
    turn = func.row_number().over(partition_by=WEBHOOK.c.id, order_by=(tried, DELIVERY.c.position)).label("turn")
    may_send = or_(DELIVERY.c.position.is_(None), _may_send())
    shown = (DELIVERY.c.id, DELIVERY.c.webhook_id, DELIVERY.c.claim, DELIVERY.c.until)
    due = select(*shown, turn).select_from(WEBHOOK.join(DELIVERY, _due()))  # type: ignore[call-overload]
    found = due.where(WEBHOOK.c.id.in_(_AMONG), may_send).subquery()
    wanted = select(found.c.id, found.c.webhook_id, found.c.claim, found.c.until)
    return wanted.where(found.c.turn <= _MOST).order_by(found.c.turn)


def _may_send() -> Any:
    rested = or_(WEBHOOK.c.not_before.is_(None), WEBHOOK.c.not_before <= _NOW)
    return and_(WEBHOOK.c.state != WebhookState.DISABLED, rested)


def _due() -> Any:
    """Waiting deliveries of the webhook whose time has come, with none of the same subject before them."""
    is_free = or_(DELIVERY.c.until.is_(None), DELIVERY.c.until <= _NOW)
    is_passed = or_(DELIVERY.c.position.is_(None), _is_passed(DELIVERY))
    return and_(_pending(DELIVERY), DELIVERY.c.next_at <= _NOW, is_free, is_passed, not_(_has_earlier()))


def _has_earlier() -> Any:
    earlier = DELIVERY.alias("earlier")
    same = and_(earlier.c.subject == DELIVERY.c.subject, earlier.c.position < DELIVERY.c.position)
    return exists().where(_pending(earlier), same).correlate(DELIVERY, WEBHOOK)


def _under_way() -> Any:
    taken = DELIVERY.alias("taken")
    count = select(func.count()).select_from(taken).where(_pending(taken), taken.c.until > _NOW)
    return count.correlate(WEBHOOK).scalar_subquery()


def is_fillable() -> Any:
    """There is more in the feed than has been looked at, or a replay is not through, and few deliveries wait."""
    whose = HEAD.c.organisation_id == WEBHOOK.c.organisation_id
    more = exists().where(whose, HEAD.c.position > WEBHOOK.c.cursor).correlate(WEBHOOK)
    wanted = or_(WEBHOOK.c.replay_after.is_not(None), more)
    return and_(WEBHOOK.c.state != WebhookState.DISABLED, wanted, _waiting() <= REFILLED_AT)


def _waiting() -> Any:
    """Those beyond a replay wait for its end, and must not keep it from going on."""
    waiting = DELIVERY.alias("waiting")
    count = select(func.count()).select_from(waiting).where(_pending(waiting), _is_passed(waiting))
    return count.correlate(WEBHOOK).scalar_subquery()


def _is_passed(table: Any) -> Any:
    """The sum keeps SQLite from the index by position; see `_pending`."""
    return table.c.position + 0 <= _REACHED


def _pending(table: Any) -> Any:
    """The state is no parameter, because a plan for every state could not use the index of what is pending. Every subject is as
    great as the empty one: that keeps SQLite to this index, which begins with the subject. By position it would walk past
    everything that was ever delivered."""
    is_pending = table.c.state == literal_column(f"'{PENDING}'")
    return and_(table.c.webhook_id == WEBHOOK.c.id, is_pending, table.c.subject >= "")


_BUSY, _MOVED, _NEXT = _busy(), _moved(), _next()
_COUNTS: Any = select(WEBHOOK.c.id, _under_way(), _waiting()).where(WEBHOOK.c.id.in_(_AMONG))

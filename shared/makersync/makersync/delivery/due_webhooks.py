"""Which webhooks a sender looks at: those whose time has come, and those whose feeds have moved. Both are found by an index, so
that a look costs what there is to do and not what there is."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, bindparam
from sqlmodel import case, func, literal_column, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.delivery.claiming import DELIVERY, HEAD, WEBHOOK, busy_webhooks, moved_webhooks
from makersync.delivery.tables import WebhookRow
from makersync.delivery.window import PENDING
from makersync.store.tables import UtcDateTime

#: Webhooks of each kind in one look; the others have their turn in the next ones.
LOOKED_AT_ONCE = 256
#: So often all webhooks are looked at, seconds: processes of an earlier version say nothing of what there is to do.
ALL_EVERY_S = 60.0
_NOW = bindparam("now", type_=UtcDateTime())
_AMONG: Any = bindparam("webhook_ids", expanding=True)


@dataclass(frozen=True, slots=True)
class Look:
    """The webhooks to be claimed of, and those of them whose feeds had moved up to the transaction `moved`."""

    webhook_ids: Sequence[str]
    news: Collection[str]
    moved: int


class Looks:
    """What one process remembers between its looks: how far it knows of what has moved."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._all_at, self._seen = clock, float("-inf"), -1

    async def look(self, session: AsyncSession, now: datetime, most: int) -> Look:
        """`now` is database time; `most` deliveries of a webhook may be under way."""
        # Read first: what moves meanwhile is news for the next look.
        moved: int = (await session.exec(_LAST_MOVED)).one() or 0
        if self._clock.monotonic() >= self._all_at:
            self._all_at = self._clock.monotonic() + ALL_EVERY_S
            busy = await busy_webhooks(session, now, most)
            return Look(busy, busy, moved)
        due = (await session.exec(_DUE, params={"now": now, "most": LOOKED_AT_ONCE})).all()
        news = await moved_webhooks(session, self._seen, LOOKED_AT_ONCE) if moved > self._seen else ()
        return Look(list(dict.fromkeys([*due, *news])), news, moved)

    def is_done(self, look: Look, done: Collection[str]) -> None:
        """These webhooks were claimed of. What has moved is known when all were, none of which another had locked, and when
        there was room for all in the look."""
        if len(look.news) != LOOKED_AT_ONCE and set(look.news) <= set(done):
            self._seen = look.moved


def look_again(now: datetime, webhooks: Iterable[WebhookRow]) -> None:
    """There may be more to do for them. Their rows are locked."""
    for webhook in webhooks:
        if webhook.look_at is None or webhook.look_at > now:
            webhook.look_at = now


async def postpone(session: AsyncSession, now: datetime, webhooks: Collection[WebhookRow]) -> None:
    """There is nothing to do for them now, and not before a lease ends, a rest is over, or a delivery is due. The webhooks'
    rows are locked, so that whoever changes this says so afterwards."""
    if not webhooks:
        return
    given = {"now": now, "webhook_ids": [each.id for each in webhooks]}
    times = {whose: ends for whose, *ends in await session.exec(_TIMES, params=given)}
    for webhook in webhooks:
        to_come = [each for each in (*times.get(webhook.id, ()), webhook.not_before) if each is not None and each > now]
        webhook.look_at = min(to_come, default=None)


def _times() -> Any:
    pending = (DELIVERY.c.state == literal_column(f"'{PENDING}'"), DELIVERY.c.subject >= "")
    ends = [func.min(case((time > _NOW, time)), type_=UtcDateTime()) for time in (DELIVERY.c.until, DELIVERY.c.next_at)]
    mine = select(DELIVERY.c.webhook_id, *ends).where(DELIVERY.c.webhook_id.in_(_AMONG), *pending)
    return mine.group_by(DELIVERY.c.webhook_id)


def _due() -> Any:
    """The longest waiting first."""
    due = select(WEBHOOK.c.id).where(WEBHOOK.c.look_at <= _NOW)
    return due.order_by(WEBHOOK.c.look_at).limit(bindparam("most", type_=Integer()))


_LAST_MOVED: Any = select(func.max(HEAD.c.moved))
_DUE, _TIMES = _due(), _times()

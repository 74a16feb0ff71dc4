"""Reads what deliveries say when they are sent, so that nothing is sent that was taken back meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Table
from sqlmodel import and_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.delivery.messages import body_of, test_body
from makersync.delivery.repository import valid_secrets
from makersync.delivery.tables import DeliveryRow, WebhookRow, WebhookSecretRow
from makersync.feed.repository import Entry
from makersync.feed.tables import FeedEntryRow
from makersync.store.among import among

DELIVERY = cast(Table, DeliveryRow.__table__)  # type: ignore[attr-defined]
WEBHOOK = cast(Table, WebhookRow.__table__)  # type: ignore[attr-defined]
ENTRY = cast(Table, FeedEntryRow.__table__)  # type: ignore[attr-defined]
_OF_WEBHOOK = DELIVERY.join(WEBHOOK, WEBHOOK.c.id == DELIVERY.c.webhook_id)
_OF_ENTRY = and_(ENTRY.c.organisation_id == WEBHOOK.c.organisation_id, ENTRY.c.position == DELIVERY.c.position)
_SAYS: Any = (ENTRY.c.position, ENTRY.c.type, ENTRY.c.subject, ENTRY.c.occurred_at, ENTRY.c.data)
_SAID: Any = select(DELIVERY.c.id, WEBHOOK.c.url, *_SAYS).select_from(_OF_WEBHOOK.outerjoin(ENTRY, _OF_ENTRY))


@dataclass(frozen=True, slots=True)
class Message:
    """What an attempt needs of the database. Without a body, the feed does not keep the entry any more."""

    url: str
    body: bytes | None
    sealed: Sequence[WebhookSecretRow]


async def read_messages(session: AsyncSession, clock: Clock, deliveries: Sequence[DeliveryRow]) -> Sequence[Message | None]:
    """One for each delivery; None where the webhook is gone."""
    found = await _urls_and_entries(session, [each.id for each in deliveries])
    sealed = await _sealed(session, clock, {each.webhook_id for each in deliveries})

    def message(delivery: DeliveryRow) -> Message | None:
        if delivery.id not in found:
            return None
        url, entry = found[delivery.id]
        return Message(url, _body(delivery, entry), sealed.get(delivery.webhook_id, ()))

    return [message(each) for each in deliveries]


async def _urls_and_entries(session: AsyncSession, ids: Sequence[str]) -> Mapping[str, tuple[str, Entry | None]]:
    """By the id of the delivery."""
    rows = await session.exec(_SAID.where(among(session, DELIVERY.c.id, ids)))
    return {id_: (url, None if says[0] is None else Entry(*says)) for id_, url, *says in rows}


async def _sealed(session: AsyncSession, clock: Clock, webhook_ids: set[str]) -> Mapping[str, Sequence[WebhookSecretRow]]:
    sealed: dict[str, list[WebhookSecretRow]] = {}
    for row in await valid_secrets(session, clock, sorted(webhook_ids)):
        sealed.setdefault(row.webhook_id, []).append(row)
    return sealed


def _body(delivery: DeliveryRow, entry: Entry | None) -> bytes | None:
    if delivery.position is None:
        return test_body(delivery)
    return None if entry is None else body_of(entry)

"""The webhooks of one organisation."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import col, delete, func, or_, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.delivery.claiming import lock_webhook
from makersync.delivery.sealing import Seal
from makersync.delivery.signing import Signing, SigningSecret, new_secret
from makersync.delivery.tables import AttemptRow, DeliveryRow, WebhookRow, WebhookSecretRow
from makersync.http.problems import Conflict, NotFound
from makersync.store.database_time import database_time

MOST_WEBHOOKS = 20
#: How many secrets that were replaced still sign at most: each makes every message longer.
_MOST_REPLACED = 4


class WebhookRepository:
    """What the organisation that asks has. Another's webhook is answered like one that does not exist."""

    def __init__(self, session: AsyncSession, organisation_id: str) -> None:
        self._session, self._organisation_id = session, organisation_id

    async def all(self) -> Sequence[WebhookRow]:
        rows = select(WebhookRow).where(WebhookRow.organisation_id == self._organisation_id)
        return (await self._session.exec(rows.order_by(col(WebhookRow.id).desc()))).all()

    async def get(self, webhook_id: str) -> WebhookRow:
        """Raises NotFound."""
        return self._own(await self._session.get(WebhookRow, webhook_id))

    async def locked(self, webhook_id: str) -> WebhookRow:
        """The same, with its row locked until the transaction ends. Raises NotFound."""
        return self._own(await lock_webhook(self._session, webhook_id))

    def _own(self, row: WebhookRow | None) -> WebhookRow:
        if row is None or row.organisation_id != self._organisation_id:
            raise NotFound("no_such_thing", "There is no such webhook.")
        return row

    async def demand_room(self) -> None:
        """Raises Conflict when the organisation has as many as it may."""
        mine = select(func.count(col(WebhookRow.id))).where(WebhookRow.organisation_id == self._organisation_id)
        if (await self._session.exec(mine)).one() >= MOST_WEBHOOKS:
            raise Conflict("too_many_webhooks", f"An organisation has at most {MOST_WEBHOOKS} webhooks; delete one first.")

    async def delete(self, row: WebhookRow) -> None:
        """With its secrets and its log. The row is locked."""
        own = select(DeliveryRow.id).where(DeliveryRow.webhook_id == row.id)
        await self._session.exec(delete(AttemptRow).where(col(AttemptRow.delivery_id).in_(own)))
        await self._session.exec(delete(DeliveryRow).where(col(DeliveryRow.webhook_id) == row.id))
        await self._session.exec(delete(WebhookSecretRow).where(col(WebhookSecretRow.webhook_id) == row.id))
        await self._session.delete(row)


async def valid_secrets(session: AsyncSession, clock: Clock, webhook_ids: Sequence[str]) -> Sequence[WebhookSecretRow]:
    """What messages are signed with now, the newest first."""
    ends_at = col(WebhookSecretRow.ends_at)
    lives = or_(ends_at.is_(None), ends_at > database_time(session, clock))
    rows = select(WebhookSecretRow).where(col(WebhookSecretRow.webhook_id).in_(webhook_ids), lives)
    return (await session.exec(rows.order_by(col(WebhookSecretRow.id).desc()))).all()


def add_secret(session: AsyncSession, seal: Seal, row: WebhookRow, now: datetime) -> SigningSecret:
    secret = new_secret(Signing(row.signing))
    session.add(
        WebhookSecretRow(
            webhook_id=row.id,
            signing=secret.signing,
            sealed=seal.sealed(secret.content, row.id),
            public_key=secret.public_key,
            created_at=now,
        )
    )
    return secret


async def rotate_secret(session: AsyncSession, seal: Seal, row: WebhookRow, grace: timedelta, now: datetime) -> SigningSecret:
    """The present secret signs beside the new one for so long, and earlier ones no longer than that: whoever never saw the last
    one replaces it once more, and the receiver still has one of them. The webhook's row is locked."""
    mine, ends_at, end = col(WebhookSecretRow.webhook_id) == row.id, col(WebhookSecretRow.ends_at), now + grace
    await session.exec(delete(WebhookSecretRow).where(mine, ends_at <= now))
    await session.exec(update(WebhookSecretRow).where(mine, or_(ends_at.is_(None), ends_at > end)).values(ends_at=end))
    kept = select(WebhookSecretRow.id).where(mine).order_by(col(WebhookSecretRow.id).desc()).offset(_MOST_REPLACED)
    await session.exec(delete(WebhookSecretRow).where(col(WebhookSecretRow.id).in_((await session.exec(kept)).all())))
    return add_secret(session, seal, row, now)

"""The log of a webhook: its deliveries, and the attempts at each."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.delivery.claiming import LEASE_S
from makersync.delivery.outcomes import UNKNOWN
from makersync.delivery.tables import AttemptRow, DeliveryRow, WebhookRow
from makersync.delivery.views import DeliveryState, DeliveryView
from makersync.http.pagination import Order, Page, PageRequest, page_of
from makersync.http.problems import NotFound

MOST_ATTEMPTS = 50
_NEWEST_FIRST = Order((col(DeliveryRow.created_at), col(DeliveryRow.id)), newest_first=True)


class DeliveryLog:
    """The log of a webhook that the caller may see."""

    def __init__(self, session: AsyncSession, webhook: WebhookRow) -> None:
        self._session, self._webhook = session, webhook

    async def page(self, page: PageRequest, state: DeliveryState | None) -> Page[DeliveryView]:
        rows = select(DeliveryRow).where(DeliveryRow.webhook_id == self._webhook.id)
        if state is not None:
            rows = rows.where(DeliveryRow.state == state)
        return await page_of(self._session, rows, _NEWEST_FIRST, page, DeliveryView.of)

    async def get(self, delivery_id: str) -> DeliveryRow:
        """Raises NotFound."""
        row = await self._session.get(DeliveryRow, delivery_id)
        if row is None or row.webhook_id != self._webhook.id:
            raise NotFound("no_such_thing", "There is no such delivery.")
        return row

    async def attempts(self, delivery: DeliveryRow) -> Sequence[AttemptRow]:
        """The newest first. One of which nobody has told yet what it has come to is among them."""
        rows = select(AttemptRow).where(AttemptRow.delivery_id == delivery.id)
        kept = (await self._session.exec(rows.order_by(col(AttemptRow.id).desc()).limit(MOST_ATTEMPTS))).all()
        return [*_untold(delivery), *kept][:MOST_ATTEMPTS]


def _untold(delivery: DeliveryRow) -> Iterator[AttemptRow]:
    if delivery.until is not None:
        at = delivery.until - timedelta(seconds=LEASE_S)
        yield AttemptRow(delivery_id=delivery.id, number=delivery.claim, at=at, outcome=UNKNOWN)

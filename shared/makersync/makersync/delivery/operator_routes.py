"""The operators' view of webhooks: how those of all organisations fare, without what is sent and where to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlmodel import col, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.delivery.health import HealthReason, WebhookState
from makersync.delivery.tables import DeliveryRow, WebhookRow
from makersync.delivery.views import WEBHOOK_EXAMPLE
from makersync.delivery.window import PENDING
from makersync.http.pagination import Order, Page, PageQuery, page_of
from makersync.http.security import Operator
from makersync.http.wiring import Reading

_NEWEST_FIRST = Order((col(WebhookRow.created_at), col(WebhookRow.id)), newest_first=True)
_AT = "2026-11-22T09:30:00Z"


class WebhookOperation(BaseModel):
    """How a webhook fares. Its address, which may hold a secret, is the organisation's to see."""

    id: str = Field(description="Id of the webhook.", examples=[WEBHOOK_EXAMPLE])
    organisation_id: str = Field(description="Whose it is.", examples=["emp_01kb1q5ve0v2j8y5h3m9c7t4rn"])
    state: WebhookState = Field(description="Whether messages are sent.", examples=["active"])
    reason: HealthReason | None = Field(description="Why they are not; null while they are.", examples=[None])
    since: datetime = Field(description="Since when the state is so, UTC.", examples=[_AT])
    failures: int = Field(description="Failed attempts, one after another, up to the last one.", examples=[0])
    failing_since: datetime | None = Field(
        description="The first of them, UTC; null: the last attempt succeeded.", examples=[None]
    )
    waiting: int = Field(
        description="Messages that wait or are being sent. At most some hundred are made ahead of the feed.", examples=[3]
    )
    created_at: datetime = Field(description="When the webhook was made, UTC.", examples=[_AT])

    @classmethod
    def of(cls, row: WebhookRow) -> "WebhookOperation":
        return cls.model_validate({**row.model_dump(), "waiting": 0})


def add_webhook_operations(router: APIRouter) -> None:
    @router.get("/v1/operations/webhooks", summary="List the webhooks of all organisations with their states")
    async def list_webhook_operations(
        _operator: Operator,
        session: Reading,
        page: PageQuery,
        state: Annotated[WebhookState | None, Query(description="Only webhooks of this state; absent: all.")] = None,
    ) -> Page[WebhookOperation]:
        """Newest first. It tells receivers that are away from a sender that stands still: then messages wait at active
        webhooks that do not fail. Addresses, messages and answers are not shown."""
        rows = select(WebhookRow)
        if state is not None:
            rows = rows.where(WebhookRow.state == state)
        found = await page_of(session, rows, _NEWEST_FIRST, page, WebhookOperation.of)
        waiting = await _waiting(session, [each.id for each in found.items])
        return found.map(lambda each: each.model_copy(update={"waiting": waiting.get(each.id, 0)}))


async def _waiting(session: AsyncSession, webhook_ids: list[str]) -> Mapping[str, int]:
    mine = (col(DeliveryRow.webhook_id).in_(webhook_ids), col(DeliveryRow.state) == PENDING)
    counts = select(DeliveryRow.webhook_id, func.count(col(DeliveryRow.id))).where(*mine)
    return dict((await session.exec(counts.group_by(col(DeliveryRow.webhook_id)))).all())

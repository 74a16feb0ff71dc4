"""Keeps what an attempt has come to: in the log, in the delivery, and in the health of the webhook."""

from datetime import datetime, timedelta
from random import Random

from sqlmodel import col, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.delivery.claiming import lock_webhook
from makersync.delivery.health import (
    Health,
    HealthReason,
    WebhookState,
    after_failure,
    after_gone,
    after_success,
)
from makersync.delivery.notices import note_state
from makersync.delivery.outcomes import Outcome
from makersync.delivery.schedule import next_gap
from makersync.delivery.tables import AttemptRow, DeliveryRow, WebhookRow
from makersync.delivery.window import PENDING
from makersync.store.database_time import read_database_time

DELIVERED, FAILED = "delivered", "failed"


async def record(session: AsyncSession, clock: Clock, delivery: DeliveryRow, outcome: Outcome, random: Random) -> None:
    """`delivery` is as it was claimed. When another sender has claimed it since, only the log is kept."""
    webhook = await lock_webhook(session, delivery.webhook_id, wait=True)
    row = await session.get(DeliveryRow, delivery.id, populate_existing=True)
    if webhook is None or row is None:
        return
    session.add(_attempt(delivery.id, outcome))
    if row.claim != delivery.claim or row.state != PENDING:
        return
    now = await read_database_time(session, clock)
    _settle(row, outcome, now, random)
    if row.position is not None and not outcome.is_final:
        await _judge(session, clock, webhook, outcome, now)


def _attempt(delivery_id: str, outcome: Outcome) -> AttemptRow:
    return AttemptRow(
        delivery_id=delivery_id,
        at=outcome.at,
        outcome=outcome.name,
        status=outcome.status,
        duration_ms=outcome.duration_ms,
        answer=outcome.answer,
    )


def _settle(row: DeliveryRow, outcome: Outcome, now: datetime, random: Random) -> None:
    """A test is attempted once."""
    row.owner = row.until = None
    row.attempts += 1
    is_last = row.position is None or outcome.is_final
    gap_s = None if is_last else next_gap(row.attempts, random)
    if outcome.is_delivered:
        row.state, row.finished_at = DELIVERED, now
    elif gap_s is None:
        row.state, row.finished_at = FAILED, now
    else:
        row.next_at = now + timedelta(seconds=max(gap_s, outcome.asked_s))


async def _judge(session: AsyncSession, clock: Clock, webhook: WebhookRow, outcome: Outcome, now: datetime) -> None:
    before = health_of(webhook)
    rest_to = None if outcome.is_delivered else webhook.not_before
    keep_health(webhook, _after(before, outcome, now), now)
    if rest_to is not None and rest_to > (webhook.not_before or now):
        # Another attempt that ran at the same time was asked to wait for longer.
        webhook.not_before = rest_to
    if webhook.state == before.state:
        return
    await note_state(session, clock, webhook)
    if webhook.state == WebhookState.ACTIVE:
        await session.flush()
        await send_at_once(session, webhook.id, now)


def _after(health: Health, outcome: Outcome, now: datetime) -> Health:
    if outcome.is_delivered:
        return after_success(health, now)
    return after_gone(health, now) if outcome.name == "gone" else after_failure(health, now, outcome.asked_s)


async def send_at_once(session: AsyncSession, webhook_id: str, now: datetime) -> None:
    """The receiver is back: what waits for a later attempt need not wait. The webhook's row is locked."""
    waiting = (col(DeliveryRow.webhook_id) == webhook_id, col(DeliveryRow.state) == PENDING, col(DeliveryRow.next_at) > now)
    await session.exec(update(DeliveryRow).where(*waiting).values(next_at=now))


def health_of(webhook: WebhookRow) -> Health:
    reason = None if webhook.reason is None else HealthReason(webhook.reason)
    return Health(WebhookState(webhook.state), reason, webhook.since, webhook.failures, webhook.failing_since)


def keep_health(webhook: WebhookRow, health: Health, now: datetime) -> None:
    webhook.state, webhook.reason, webhook.since = health.state, health.reason, health.since
    webhook.failures, webhook.failing_since = health.failures, health.failing_since
    webhook.not_before = now + timedelta(seconds=health.rest_s) if health.rest_s else None

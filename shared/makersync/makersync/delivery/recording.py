"""Keeps what attempts have come to: in the log, in the deliveries, and in the health of the webhooks."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.delivery.attempts import DeliveryAttempt, keep_late_outcome, keep_outcomes
from makersync.delivery.claiming import lock_webhooks
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
from makersync.delivery.tables import DeliveryRow, WebhookRow
from makersync.delivery.window import PENDING
from makersync.store.among import among
from makersync.store.database_time import read_database_time

DELIVERED, FAILED = "delivered", "failed"


async def record(
    session: AsyncSession, clock: Clock, attempts: Sequence[DeliveryAttempt], random: Random, wait: bool = False
) -> Sequence[bool]:
    """Keep them in this order, each once, however often it is told. When another sender has claimed a delivery since, only the
    log is kept.

    Returns for each whether it is done: it is not when another has the webhook's row locked, unless `wait` is set.
    """
    ids = {each.delivery.webhook_id for each in attempts}
    webhooks = {each.id: each for each in await lock_webhooks(session, ids, wait)}
    mine = [each for each in attempts if each.delivery.webhook_id in webhooks]
    rows = await _rows(session, [each.delivery.id for each in mine])
    await keep_outcomes(session, [each for each in mine if each.delivery.id in rows])
    now = await read_database_time(session, clock)
    for each in mine:
        row = rows.get(each.delivery.id)
        if row is None:
            continue
        if row.claim != each.delivery.claim:
            await keep_late_outcome(session, each)
        elif _has_its_turn(each.delivery, row):
            _settle(row, each.outcome, now, random)
            webhooks[row.webhook_id].look_at = now
            if row.position is not None and not each.outcome.is_final:
                await _judge(session, clock, webhooks[row.webhook_id], each.outcome, now)
    return [wait or each.delivery.webhook_id in webhooks for each in attempts]


async def _rows(session: AsyncSession, ids: Sequence[str]) -> Mapping[str, DeliveryRow]:
    query = select(DeliveryRow).where(among(session, col(DeliveryRow.id), ids)).execution_options(populate_existing=True)
    return {row.id: row for row in await session.exec(query)}


def _has_its_turn(delivery: DeliveryRow, row: DeliveryRow) -> bool:
    """Not if it has been recorded already."""
    return (row.claim, row.owner, row.state) == (delivery.claim, delivery.owner, PENDING)


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

"""Every service deletes what the API stores only for a while, in small portions."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import func, select

from makersync.clock import ManualClock
from makersync.effects.outbox import Outbox
from makersync.http import idempotency
from makersync.runtime.housekeeping import housekeeping
from makersync.runtime.service import Context
from makersync.settings import Settings
from makersync.store.tables import IdempotencyRow
from makersync.telemetry import create_metrics
from shared.makersync.tests.effects.toy_stores import open_store
from shared.makersync.tests.effects.toys import PARTITIONS

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


async def test_old_responses_are_deleted_in_bounded_transactions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: nothing called the deletion, and the table grew forever."""
    monkeypatch.setattr(idempotency, "PURGED_AT_ONCE", 10)
    store, clock = await open_store(f"sqlite+aiosqlite:///{tmp_path / 'toys.sqlite'}"), ManualClock(NOW)
    context = Context(Settings(), store, clock, Outbox("/toys", clock, PARTITIONS), create_metrics())
    async with store.transaction() as session:
        for number in range(35):
            at = NOW - timedelta(hours=25 if number < 32 else 1)
            session.add(IdempotencyRow(caller="a", key=str(number), request_digest="", status=201, body=b"", created_at=at))
    for step in housekeeping(context):
        await step.step()
    async with store.reading() as session:
        assert (await session.exec(select(func.count()).select_from(IdempotencyRow))).one() == 3
    await store.close()

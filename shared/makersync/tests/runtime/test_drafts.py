"""Drafts that wait are measured in every process of a service through which they pass."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import ManualClock
from makersync.runtime.drafts import DraftCount, RegionDrafts, draft_gauges
from makersync.store.database import Store
from makersync.telemetry import Metrics, create_metrics
from shared.makersync.tests.effects.toys import NOW


def found(*waiting: RegionDrafts) -> DraftCount:
    async def count(_session: AsyncSession) -> Sequence[RegionDrafts]:
        return waiting

    return count


def shown(metrics: Metrics) -> tuple[float | None, float | None]:
    names = ("makersync_drafts_waiting", "makersync_draft_oldest_seconds")
    first, second = (metrics.registry.get_sample_value(name) for name in names)
    return first, second


async def test_the_gauges_show_how_many_wait_and_for_how_long_the_oldest(tmp_path: Path) -> None:
    """Guards an operator's alert: an age that stays after the last was answered, or the age of the newest."""
    store, metrics = Store(f"sqlite+aiosqlite:///{tmp_path / 'a.sqlite'}"), create_metrics()
    first = RegionDrafts("17410", 2, NOW - timedelta(seconds=40))
    second = RegionDrafts("10420", 1, NOW - timedelta(seconds=90))
    assert await draft_gauges(store, ManualClock(NOW), metrics, found(first, second))() == 3
    assert shown(metrics) == (3, 90)
    assert await draft_gauges(store, ManualClock(NOW), metrics, found())() == 0
    assert shown(metrics) == (0, 0)
    await store.close()


async def test_a_draft_of_another_machines_clock_has_no_negative_age(tmp_path: Path) -> None:
    store, metrics = Store(f"sqlite+aiosqlite:///{tmp_path / 'a.sqlite'}"), create_metrics()
    ahead = RegionDrafts("17410", 1, NOW + timedelta(seconds=3))
    await draft_gauges(store, ManualClock(NOW), metrics, found(ahead))()
    assert shown(metrics) == (1, 0)
    await store.close()

"""Operators see which drafts nobody answers, and of which regions they are."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from makersync.clock import ManualClock
from makersync.runtime.drafts import RegionDrafts
from makersync.runtime.service import Context
from openings.adapters.draft_repository import waiting_drafts
from openings.adapters.unit_of_work import units_of_work_of
from openings.entrypoints.sweeps import preview_sweep
from services.openings.tests.conftest import NOW, Caller
from services.openings.tests.events import Counted, Feed
from services.openings.tests.samples import CHICAGO, YORK, wanted

pytestmark = pytest.mark.usefixtures("catalog")
IN_YORK, IN_CHICAGO = "49620", "16980"


async def ask(employer: Caller, place: str) -> None:
    answer = await employer.send("POST", "/v1/openings/preview", json=wanted(zip=place), params={"wait": 0})
    assert answer.status_code == 202, answer.text


async def waiting(context: Context) -> list[RegionDrafts]:
    async with context.store.reading() as session:
        return list(await waiting_drafts(session))


async def test_drafts_that_wait_are_counted_by_region_until_they_are_answered(
    acme: Caller, bolt: Caller, context: Context, clock: ManualClock, feed: Feed
) -> None:
    await ask(acme, YORK)
    clock.move_to(NOW + timedelta(seconds=30))
    await ask(bolt, YORK)
    await ask(acme, CHICAGO)
    later = NOW + timedelta(seconds=30)
    assert await waiting(context) == [RegionDrafts(IN_CHICAGO, 1, later), RegionDrafts(IN_YORK, 2, NOW)]
    await feed.reach(Counted(f"drf_acme.{IN_YORK}.1").at(1))
    assert await waiting(context) == [RegionDrafts(IN_CHICAGO, 1, later), RegionDrafts(IN_YORK, 1, later)]


async def test_the_log_names_the_regions_of_what_nobody_answered(acme: Caller, context: Context, clock: ManualClock) -> None:
    """Guards an operator who must find the partition of matching that stands still; employers are not named."""
    await ask(acme, YORK)
    await ask(acme, YORK)
    await ask(acme, CHICAGO)
    clock.move_to(NOW + timedelta(seconds=context.settings.preview_wait + 1))
    with capture_logs() as lines:
        assert await preview_sweep(context.store, units_of_work_of(context))() == 3
    [line] = [each for each in lines if each["event"] == "previews_unanswered"]
    assert line | {"count": 3, "regions": {IN_YORK: 2, IN_CHICAGO: 1}} == line
    assert "acme" not in str(line)
    assert await waiting(context) == []

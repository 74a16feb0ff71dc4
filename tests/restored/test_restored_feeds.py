"""A store that is taken back to a moment since which its own topics hold nothing newer, on PostgreSQL and Kafka. The file is
its own, so that it runs beside `test_restored_stores.py`."""

import pytest

from makersync.effects.restored_store import RESTORED
from tests.restored.town import TAKE_LOG, Town

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(600)]


async def test_a_restored_store_whose_own_topics_hold_nothing_newer_is_noticed_and_its_feeds_start_over(town: Town) -> None:
    """Guards: positions that are given out twice. The openings service has published nothing since the backup, and its feed has
    gone on with the matches of new learners."""
    await town.found()
    await town.put_aside(["openings"], "earlier")
    for _ in range(3):
        await town.register()
    await town.settled()
    await town.has_no_condition("openings", "learners")
    position = await town.feed_position()
    await town.take_back(["openings"], "earlier")
    await town.is_refused("openings", RESTORED)
    await town.mend("openings", "reconcile", "openings", TAKE_LOG, "--yes")
    await town.deployment.start("openings")
    await town.settled()
    assert await town.feed_has_started_over(position)
    assert await town.feed_position() > position
    await town.go_on()
    await town.deployment.stop("openings")
    await town.deployment.start("openings")
    await town.has_no_condition("openings", "learners")
    await town.audit()

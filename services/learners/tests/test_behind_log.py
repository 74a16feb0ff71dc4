"""A store that was restored or lost is noticed at the start, and takes no change until it is reconciled."""

import pytest

from learners.bootstrap import definition, seed
from makersync.effects.reconciling import Choice
from makersync.runtime.service import Context
from tests.servers.restoring import RestoredService

from .conftest import Caller
from .samples import accepted, register
from .test_learner_reconciling import consent


@pytest.mark.parametrize("goes_on", [False, True])
async def test_a_restored_store_refuses_changes_until_it_is_reconciled(york: Caller, context: Context, goes_on: bool) -> None:
    """Guards: a consent whose withdrawal was answered with 200 came back. Also when as many events were written since."""
    restored = await RestoredService(context, definition()).open()
    learner_id = await register(york, consents_to_matching=True)
    await restored.publish()
    assert await restored.start() == []
    earlier = await restored.dump()
    await consent(york, learner_id, given=False)
    await restored.publish()
    await restored.restore(earlier)
    if goes_on:
        await consent(york, learner_id, given=False)
    [condition] = await restored.start()
    assert (condition.name, condition.remedy) == ("behind_log", "Run `makersync reconcile learners`")
    version = (await york.get(f"/v1/learners/{learner_id}")).json()["version"]
    path, body = f"/v1/learners/{learner_id}/consent", {"consents_to_matching": True}
    refused = await york.change("PUT", path, version, body)
    assert (refused.status_code, refused.json()["type"]) == (503, "urn:makersync:problem:writes-stopped")
    assert refused.json()["rule"] == "writes_stopped"
    await restored.reconcile(Choice.TAKE_LOG)
    assert await restored.start() == []
    version = (await york.get(f"/v1/learners/{learner_id}")).json()["version"]
    accepted(await york.change("PUT", path, version, body))


async def test_lost_learners_are_noticed_although_the_catalog_is_seeded_again(york: Caller, context: Context) -> None:
    restored = await RestoredService(context, definition()).open()
    await register(york, consents_to_matching=True)
    await restored.publish()
    await restored.restore({})
    await seed(context)
    [condition] = await restored.start()
    assert condition.remedy == "Run `makersync reconcile learners`"

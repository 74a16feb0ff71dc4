"""A store that was restored from a backup, or lost, is noticed at the start and accepts no change until it is reconciled."""

from makersync.effects.reconciling import Choice
from makersync.runtime.service import Context
from openings.bootstrap import definition
from tests.servers.restoring import RestoredService

from .conftest import Caller
from .samples import wanted
from .test_reconciling import published, revised


async def test_a_store_behind_its_log_accepts_no_changes_until_it_is_reconciled(
    catalog: None, acme: Caller, context: Context
) -> None:
    restored = await RestoredService(context, definition()).open()
    opening_id = await published(acme)
    await restored.publish()
    assert await restored.start() == []
    earlier = await restored.dump()
    await revised(acme, opening_id, positions=5)
    await restored.publish()
    await restored.restore(earlier)
    [condition] = await restored.start()
    assert (condition.name, condition.remedy) == ("behind_log", "Run `makersync reconcile openings`")
    refused = await acme.post("/v1/openings", wanted())
    assert (refused.status_code, refused.json()["type"]) == (503, "urn:makersync:problem:writes-stopped")
    assert refused.json()["rule"] == "writes_stopped"
    assert (await acme.get(f"/v1/openings/{opening_id}")).is_success
    await restored.reconcile(Choice.TAKE_LOG)
    assert await restored.start() == []
    await published(acme)


async def test_a_lost_store_names_the_command_that_reconciles_it(catalog: None, acme: Caller, context: Context) -> None:
    restored = await RestoredService(context, definition()).open()
    await published(acme)
    await restored.publish()
    await restored.restore({})
    [condition] = await restored.start()
    assert "was lost" in condition.problem
    assert condition.remedy == "Run `makersync reconcile openings`"

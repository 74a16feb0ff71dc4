"""A market that was restored or lost says so at the start, and is matched again once it was rewritten from the topics."""

from service_world import World
from test_rebuild import publish_outbox

from makersync.effects.comparison import compare
from makersync.effects.conditions import conditions
from makersync.effects.owner import Owner
from makersync.runtime.service import own_topics
from matching.adapters.rebuilding import restore
from tests.servers.restoring import dump, take_back


async def remedies(world: World) -> list[str]:
    """What a process that starts finds."""
    owner = Owner("matching-2", world.store, world.clock, world.context.metrics)
    await compare(owner, world.broker, own_topics(world.definition, world.context.settings))
    async with world.store.reading() as session:
        return [each.remedy for each in await conditions(session)]


async def market(world: World) -> None:
    await world.opening()
    for name in ("ann", "bob"):
        await world.learner(name)
    await world.settle()
    await publish_outbox(world)


async def test_a_market_that_was_taken_back_is_mended_by_reconciling(world: World) -> None:
    await market(world)
    assert await remedies(world) == []
    earlier = await dump(world.store, world.definition)
    await world.learner("ann", seeking=False)
    await world.settle()
    await publish_outbox(world)
    await world.stop()
    await take_back(world.store, world.definition, earlier)
    assert await remedies(world) == ["Run `makersync reconcile matching`"]
    await restore(world.context, world.broker, "log")
    assert await remedies(world) == []


async def test_a_market_that_was_lost_is_rebuilt(world: World) -> None:
    await market(world)
    assert await remedies(world) == []
    await world.stop()
    await take_back(world.store, world.definition, {})
    assert await remedies(world) == ["Run `makersync rebuild`"]
    await restore(world.context, world.broker, "log")
    assert await remedies(world) == []

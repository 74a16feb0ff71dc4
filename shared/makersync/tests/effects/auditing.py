"""What tests that compare a log with its store do: publish, compare, and take a census."""

from makersync.effects.agreement import noted
from makersync.effects.auditor import Auditor
from makersync.effects.comparison import compare
from makersync.effects.relay import Relay

from .toy_world import World
from .toys import LEFT, LEFT_HALF, PAIR, RIGHT, half_event, own_topics, toy_outbox

OWN = own_topics("toys", LEFT, RIGHT, PAIR, when_lost="Run `makersync rebuild`")
#: A version that the store never wrote.
FOREIGN = 2**53


async def publish_versions(world: World, relay: Relay, key: str, count: int, side: str = LEFT_HALF) -> None:
    for value in range(count):
        await world.halves.set(side, key, value)
    await relay.publish_batch(100)


async def census(auditor: Auditor) -> int:
    """Reads all records and runs a whole census, as the publisher does; returns how many keys were repaired."""
    before = auditor.repaired
    while not auditor.is_caught_up:
        await auditor.step(0.0)
    await auditor.begin_census()
    while auditor.is_counting:
        await auditor.step(0.0)
    return auditor.repaired - before


async def compared(world: World) -> int:
    return await compare(world.owner(), world.broker, OWN)


async def ahead(world: World) -> list[tuple[str, int]]:
    async with world.store.reading() as session:
        return [(row.key, row.version) for row in await noted(session)]


async def go_above(world: World, key: str, version: int) -> None:
    """Does what a reconciliation does."""
    async with world.store.transaction() as session:
        await toy_outbox("halves", world.clock).record(session, [half_event(LEFT_HALF, key, version, 1)])

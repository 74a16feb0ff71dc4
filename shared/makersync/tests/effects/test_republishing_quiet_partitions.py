"""The promise of an erasure: erased data leaves the brokers' disks, even on a partition without new records."""

from .toy_world import World
from .toys import ANN, BOB, LEFT, LEFT_HALF


async def test_every_quiet_partition_gets_its_newest_event_once_more(world: World) -> None:
    """Guards: Kafka compacts a segment only after a later record has closed it."""
    relay = await world.relay()
    for value in (1, 2, None):
        await world.halves.set(LEFT_HALF, ANN, value)
    await world.halves.set(LEFT_HALF, BOB, 1)
    await relay.publish_batch(10)
    assert await relay.stir() == 2
    assert await world.waiting() == [(ANN, 3), (BOB, 1)]
    await relay.publish_batch(10)
    assert world.versions(LEFT, ANN) == [1, 2, 3, 3]
    assert world.versions(LEFT, BOB) == [1, 1]

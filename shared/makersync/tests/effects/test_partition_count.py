"""Stored events know their partition, so the number of partitions of an installation must not change."""

import pytest

from makersync.effects.partition_count import check_partition_count
from makersync.errors import OperatorError

from .toy_world import World
from .toys import LEFT, LEFT_HALF, PARTITIONS, REGIONS


async def test_another_number_of_partitions_than_events_were_written_for_is_refused(world: World) -> None:
    """Guards: a service would publish new events to other partitions than earlier events of the same keys."""
    await check_partition_count(world.store, [LEFT], PARTITIONS * 2)
    for region in REGIONS:
        await world.halves.set(LEFT_HALF, f"{region}/ann", 1)
    await check_partition_count(world.store, [LEFT], PARTITIONS)
    with pytest.raises(OperatorError, match="Set MAKERSYNC_PARTITIONS back to what it was"):
        await check_partition_count(world.store, [LEFT], PARTITIONS * 2)

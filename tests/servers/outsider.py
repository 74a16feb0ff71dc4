"""A member in a process of its own: joins a group and prints each assignment that it hears of, one JSON array a line.

Arguments: settings as JSON, the group, its topics. Runs until it is killed.
"""

import asyncio
import json
import sys
from collections.abc import Sequence

from makersync.broker.kafka import KafkaBroker
from makersync.broker.port import BrokerAway
from makersync.settings import Settings


async def follow(settings: Settings, group: str, topics: Sequence[str]) -> None:
    broker = await KafkaBroker.connect(settings)
    member = await broker.join(group, topics)
    heard = 0
    while True:
        try:
            await member.fetch(1, timeout_s=0.05)
        except BrokerAway:
            await asyncio.sleep(0.1)
        if (assignment := member.assignment()).generation != heard:
            heard = assignment.generation
            held = [[each.topic, each.partition] for each in assignment.partitions]
            print(json.dumps([heard, held]), flush=True)


if __name__ == "__main__":
    asyncio.run(follow(Settings.model_validate_json(sys.argv[1]), sys.argv[2], sys.argv[3:]))

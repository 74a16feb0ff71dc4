"""The time zone of a deployment, stated in its log: every service works on the log, and so notices when it has another one."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress

import orjson

from makersync.broker.port import Broker, Outgoing, Record, TopicPartition, TopicsMissing
from makersync.broker.topics import ANSWER_S, LOG_IDENTITY_TOPIC, identity_records
from makersync.errors import OperatorError, RetryLater
from makersync.waiting import pause

#: The key of records that replace the zone in the log's identity. Compaction keeps the newest.
KEY = b"time_zone"
#: A log whose identity was written before it had a zone.
USUAL = "UTC"
LOOK_EVERY_S = 10.0


async def read_time_zone(broker: Broker) -> str:
    """The IANA name of the zone. Raises TopicsMissing if the log was not set up, and BrokerAway."""
    return _zone_in(await identity_records(broker))


async def state_time_zone(broker: Broker, name: str) -> None:
    """State another zone. Processes with the former one stop their work within `LOOK_EVERY_S`."""
    producer = await broker.producer()
    try:
        await producer.publish([Outgoing(LOG_IDENTITY_TOPIC, 0, KEY, orjson.dumps({"time_zone": name}))], ANSWER_S)
    finally:
        await producer.close()


async def demand_time_zone(broker: Broker, name: str) -> None:
    """Raises OperatorError if the deployment has another zone: its services would begin their days at different times."""
    stated = await read_time_zone(broker)
    if stated != name:
        raise OperatorError(
            f"MAKERSYNC_TIME_ZONE is {name}, and the days of this deployment end at midnight in {stated}. Set it to {stated}; "
            "or, if the time zone is to change, stop every service, set the new one for all of them and run `makersync topics "
            "set-time-zone`"
        )


async def watch_time_zone(broker: Broker, name: str, stop: asyncio.Event) -> None:
    """Look until `stop` is set. Raises OperatorError. A log without topics is left to `watch_log`.

    The records are read only when the topic has changed: a reader of its own every few seconds is dear in quiet times.
    """
    seen: Mapping[TopicPartition, tuple[int, int]] = {}
    while not stop.is_set():
        with suppress(RetryLater, TopicsMissing):
            bounds = await broker.bounds([LOG_IDENTITY_TOPIC])
            if bounds != seen:
                await demand_time_zone(broker, name)
                seen = bounds
        await pause(stop, LOOK_EVERY_S)


def _zone_in(records: Sequence[Record]) -> str:
    newest = next((record for record in reversed(records) if record.key == KEY), records[0])
    try:
        return str(orjson.loads(newest.value or b"").get("time_zone", USUAL))
    except (orjson.JSONDecodeError, AttributeError) as error:
        raise OperatorError(f"a record of {LOG_IDENTITY_TOPIC} states no time zone") from error

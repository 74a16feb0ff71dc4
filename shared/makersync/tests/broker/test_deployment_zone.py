"""The time zone of a deployment stands in its log, and services with another one do not work on it."""

import asyncio

import pytest

from contracts.topics import TOPICS
from makersync.broker.deployment_zone import KEY, demand_time_zone, read_time_zone, state_time_zone, watch_time_zone
from makersync.broker.memory import MemoryBroker
from makersync.broker.port import Broker, Outgoing, TopicsMissing, TopicSpec
from makersync.broker.topics import LOG_IDENTITY_TOPIC, ensure_topics, read_log_id
from makersync.cli.topic_commands import change_time_zone
from makersync.errors import OperatorError
from makersync.settings import Settings

CHICAGO, NEW_YORK = "America/Chicago", "America/New_York"


async def log_in(time_zone: str) -> MemoryBroker:
    broker = MemoryBroker()
    await ensure_topics(broker, TOPICS, Settings(partitions=3, time_zone=time_zone))
    return broker


async def log_with(value: bytes) -> MemoryBroker:
    broker = MemoryBroker()
    await broker.create_topics([TopicSpec(LOG_IDENTITY_TOPIC, 1)])
    broker.append([Outgoing(LOG_IDENTITY_TOPIC, 0, b"log-1", value)])
    return broker


async def test_a_log_has_the_zone_that_it_was_set_up_with() -> None:
    broker = await log_in(CHICAGO)
    await demand_time_zone(broker, CHICAGO)
    with pytest.raises(OperatorError, match=f"MAKERSYNC_TIME_ZONE is UTC, and .* midnight in {CHICAGO}.*set-time-zone"):
        await demand_time_zone(broker, "UTC")


async def test_setting_up_a_log_again_does_not_change_its_zone() -> None:
    """Guards: topics are created at every start, also by those who set a new zone and do not know what follows."""
    broker = await log_in(CHICAGO)
    await ensure_topics(broker, TOPICS, Settings(partitions=3, time_zone=NEW_YORK))
    assert await read_time_zone(broker) == CHICAGO


async def test_a_log_from_before_it_had_a_zone_has_utc() -> None:
    assert await read_time_zone(await log_with(b'{"log_id": "log-1"}')) == "UTC"


@pytest.mark.parametrize("_opened_kind", ["memory", "embedded"], indirect=True)
async def test_the_newest_zone_holds_and_the_identity_stays(any_broker: Broker) -> None:
    await ensure_topics(any_broker, TOPICS, Settings(profile="embedded", partitions=3))
    log_id = await read_log_id(any_broker)
    for name in (NEW_YORK, CHICAGO):
        await state_time_zone(any_broker, name)
    assert (await read_time_zone(any_broker), await read_log_id(any_broker)) == (CHICAGO, log_id)


async def test_a_second_identity_does_not_change_the_zone() -> None:
    broker = await log_in(CHICAGO)
    broker.append([Outgoing(LOG_IDENTITY_TOPIC, 0, b"late", b'{"log_id": "late", "time_zone": "UTC"}')])
    assert await read_time_zone(broker) == CHICAGO


@pytest.mark.parametrize("value", [b"", b"no json", b"[]"])
async def test_a_record_that_states_no_zone_needs_an_operator(value: bytes) -> None:
    broker = await log_in(CHICAGO)
    broker.append([Outgoing(LOG_IDENTITY_TOPIC, 0, KEY, value)])
    with pytest.raises(OperatorError, match="states no time zone"):
        await read_time_zone(broker)


async def test_a_log_that_was_not_set_up_has_no_zone() -> None:
    broker = MemoryBroker()
    await broker.create_topics([TopicSpec(LOG_IDENTITY_TOPIC, 1)])
    with pytest.raises(TopicsMissing, match="not set up"):
        await read_time_zone(broker)


async def test_a_running_process_notices_another_zone_and_leaves_a_lost_log_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("makersync.broker.deployment_zone.LOOK_EVERY_S", 0.01)
    broker, stop = await log_in(CHICAGO), asyncio.Event()
    watching = asyncio.create_task(watch_time_zone(broker, CHICAGO, stop))
    broker.replace()
    await asyncio.sleep(0.05)
    assert not watching.done()
    await ensure_topics(broker, TOPICS, Settings(partitions=3, time_zone=NEW_YORK))
    with pytest.raises(OperatorError, match=f"midnight in {NEW_YORK}"):
        await asyncio.wait_for(watching, 10)


@pytest.mark.parametrize("name", ["Etc/GMT+12", "Pacific/Kiritimati"])
async def test_changing_the_zone_says_what_a_date_that_goes_back_asks_for(name: str) -> None:
    """The two zones lie 26 hours apart: from the other it is always a day earlier in the first, and later in the second."""
    other = {"Etc/GMT+12": "Pacific/Kiritimati", "Pacific/Kiritimati": "Etc/GMT+12"}[name]
    broker = await log_in(other)
    said = await change_time_zone(broker, name)
    assert said.startswith(f"The days of this deployment end at midnight in {name}, no longer in {other}.")
    assert ("makersync matching set-day" in said) == (name == "Etc/GMT+12")
    assert await read_time_zone(broker) == name
    assert "nothing was changed" in await change_time_zone(broker, name)


async def test_a_zone_that_this_machine_does_not_know_any_more_can_be_changed() -> None:
    broker = await log_with(b'{"log_id": "log-1", "time_zone": "Mars/Olympus"}')
    assert "no longer in Mars/Olympus" in await change_time_zone(broker, CHICAGO)
    assert await read_time_zone(broker) == CHICAGO

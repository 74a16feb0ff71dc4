"""The embedded broker makes a topic for whoever asks after it; setting up its log must put that right."""

import pytest

from makersync.broker.port import Broker, TopicSpec
from makersync.broker.topics import ensure_topics, read_log_id
from makersync.contracts.topics import LEARNER, LOG_IDENTITY_TOPIC, OPENING
from makersync.settings import Settings


@pytest.mark.parametrize("_opened_kind", ["memory", "embedded"], indirect=True)
async def test_topics_that_a_client_has_conjured_up_are_made_anew(any_broker: Broker) -> None:
    await any_broker.create_topics([TopicSpec(LEARNER.name, 4), TopicSpec(LOG_IDENTITY_TOPIC, 4)])
    settings = Settings(profile="embedded", partitions=8)
    created = await ensure_topics(any_broker, settings)
    found = await any_broker.partitions([LEARNER.name, OPENING.name, LOG_IDENTITY_TOPIC])
    assert found == {LEARNER.name: 8, OPENING.name: 8, LOG_IDENTITY_TOPIC: 1}
    assert LEARNER.name in created
    assert await read_log_id(any_broker)


@pytest.mark.parametrize("_opened_kind", ["memory", "embedded"], indirect=True)
async def test_topics_of_a_log_with_an_identity_are_left_alone(any_broker: Broker) -> None:
    """Somebody chose another number of partitions before: the services refuse, and nothing is deleted."""
    await ensure_topics(any_broker, Settings(profile="embedded", partitions=4))
    before = await read_log_id(any_broker)
    assert await ensure_topics(any_broker, Settings(profile="embedded", partitions=8)) == frozenset()
    assert (await any_broker.partitions([LEARNER.name])) == {LEARNER.name: 4}
    assert await read_log_id(any_broker) == before

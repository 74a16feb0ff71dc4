"""A stranger can read the contracts: every field, event, channel and operation says what it means."""

from collections.abc import Iterator
from typing import Any

import pytest

from contracts.asyncapi import RECEIVED
from contracts.commands import ASYNCAPI
from contracts.event_texts import MEANINGS, READINGS
from contracts.release import Files, Series, all_series, newest, read
from contracts.topics import TOPICS

#: Less says nothing that the name did not say.
FEWEST_WORDS = 8
SERIES = {series.stem: series for series in all_series()}


@pytest.mark.parametrize("series", SERIES.values(), ids=SERIES)
def test_every_field_of_the_newest_schema_is_described(files: Files, series: Series) -> None:
    schema = read(files, series.path(newest(files, series)))
    assert [place for place, each in _objects_and_fields(schema) if not each.get("description")] == []


def _objects_and_fields(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, each in {"data": schema, **schema.get("$defs", {})}.items():
        yield name, each
        yield from ((f"{name}/{field}", found) for field, found in each.get("properties", {}).items())


def test_channels_operations_servers_and_messages_are_described(files: Files) -> None:
    document = read(files, ASYNCAPI)
    messages = {name: each for channel in document["channels"].values() for name, each in channel["messages"].items()}
    told = {
        name: each["description"] for part in ("servers", "channels", "operations") for name, each in document[part].items()
    }
    told |= {name: message["summary"] + message["description"] for name, message in messages.items()}
    assert [name for name, text in told.items() if len(text.split()) < FEWEST_WORDS] == []
    assert all(message["examples"] for message in messages.values())


def test_the_texts_tell_of_what_there_is() -> None:
    assert list(MEANINGS) == [name for topic in TOPICS for name in topic.types]
    assert {service: list(told) for service, told in READINGS.items()} == {
        service: [topic.name for topic in topics] for service, topics in RECEIVED.items()
    }

"""The AsyncAPI and OpenAPI documents that are checked in are valid and up to date."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from contracts.asyncapi import RECEIVED, asyncapi
from contracts.commands import ASYNCAPI, documents, installed_readers
from contracts.release import Document, Files, is_released, read, render
from contracts.topics import BY_NAME, TOPICS
from makersync.runtime.documents import installed_services, openapi_document, readers_of

OFFICIAL = Path(__file__).with_name("asyncapi-3.0.0.schema.json")
ADVICE = "run `makersync schemas release` and commit what it writes"
SERVICES = ("learners", "matching", "openings")


@pytest.fixture(scope="module")
def document(files: Files) -> Document:
    checked_in: Document = read(files, ASYNCAPI)
    return checked_in


def test_asyncapi_document_is_current(files: Files) -> None:
    assert files.get(ASYNCAPI) == render(asyncapi(files)), ADVICE


def test_asyncapi_document_is_valid_asyncapi_3(document: Document) -> None:
    official = Draft7Validator(json.loads(OFFICIAL.read_text(encoding="utf-8")))
    assert [error.message for error in official.iter_errors(document)] == []
    unknown = {**document, "channels": {"some.topic.v1": {"adress": "some.topic.v1"}}}
    assert list(official.iter_errors(unknown)), "the official schema accepts anything"


def test_every_message_example_satisfies_its_payload_schema(files: Files, document: Document) -> None:
    resources = [(f"file:///{path}", DRAFT202012.create_resource(read(files, path))) for path in files if is_released(path)]
    registry = Registry[bool | Mapping[str, Any]]().with_resources(resources)
    for channel in document["channels"].values():
        for message in channel["messages"].values():
            schema = {"$id": "file:///asyncapi.json", **message["payload"]["schema"]}
            validator = Draft202012Validator(schema, registry=registry)
            assert len(message["examples"]) >= 2, message["name"]
            for example in message["examples"]:
                assert [error.message for error in validator.iter_errors(example["payload"])] == [], example["name"]
                assert list(validator.iter_errors({**example["payload"], "data": {}})), example["name"]


def test_every_reference_inside_the_asyncapi_document_resolves(document: Document) -> None:
    references = {part.split('"')[0] for part in json.dumps(document).split('"$ref": "#/')[1:]}
    assert references
    for reference in references:
        found = document
        for step in reference.split("/"):
            found = found[step]


def test_every_topic_is_a_compacted_channel_of_the_right_width(document: Document) -> None:
    assert list(document["channels"]) == [topic.name for topic in TOPICS]
    for name, channel in document["channels"].items():
        binding = channel["bindings"]["kafka"]
        assert binding["topicConfiguration"]["cleanup.policy"] == ["compact"]
        assert (binding["partitions"] > 1) is BY_NAME[name].by_region


async def test_operations_are_what_the_services_do(document: Document) -> None:
    services = installed_services()
    done = {(name.split(".")[0], each["action"], each["channel"]["$ref"]) for name, each in document["operations"].items()}
    for name, definition in services.items():
        received = {reader.topic.name for reader in await readers_of(definition)}
        assert received == {topic.name for topic in RECEIVED[name]}
        sent = {topic.name for topic in definition.topics}
        expected = {(name, "send", topic) for topic in sent} | {(name, "receive", topic) for topic in received}
        assert {(each, action, ref.removeprefix("#/channels/")) for each, action, ref in done if each == name} == expected
    assert set(services) == set(RECEIVED) == {each for each, _, _ in done}
    assert await installed_readers()


@pytest.mark.parametrize("service", SERVICES)
async def test_openapi_document_is_current(files: Files, service: str) -> None:
    today = await openapi_document(installed_services()[service])
    assert _differences(read(files, f"openapi/{service}.json"), today) == [], ADVICE


def _differences(old: object, new: object, place: str = "", depth: int = 3) -> list[str]:
    """The places where two documents differ, no deeper than `depth`."""
    if old == new:
        return []
    if not (isinstance(old, dict) and isinstance(new, dict)) or depth == 0:
        return [place]
    names = sorted({*old, *new})
    return [found for name in names for found in _differences(old.get(name), new.get(name), f"{place} {name}", depth - 1)]


@pytest.mark.parametrize("service", SERVICES)
def test_openapi_document_is_3_1_with_operations(files: Files, service: str) -> None:
    document = read(files, f"openapi/{service}.json")
    assert document["openapi"].startswith("3.1")
    assert any(path.startswith("/v1/") for path in document["paths"])


async def test_no_document_is_left_out_or_left_over(files: Files) -> None:
    made = await documents(files)
    beside = {path for path in files if not is_released(path)} - {"manifest.json"}
    assert beside == set(made)

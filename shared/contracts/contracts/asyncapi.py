"""The AsyncAPI 3.0 document of the event log: channels, messages and who sends and receives them."""

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from types import MappingProxyType
from typing import Any

from contracts.event_texts import CLUSTER, COMPOSE, EMBEDDED, LOG, MEANINGS, PUBLISHED_PORT, READINGS, SENDING
from contracts.release import ENVELOPE_SERIES, Document, Files, Series, event_series, kinds_of, newest, read
from contracts.topics import (
    CANDIDATE_MATCH,
    CATALOG,
    COHORT,
    DRAFT,
    INTRODUCTION_ANSWER,
    INTRODUCTION_REQUEST,
    LEARNER,
    OPENING,
    PATHWAY,
    PROVIDER,
    REACH,
    SKILL_SHORTAGE,
    TOPICS,
)
from contracts.written_schema import DIALECT
from makersync.broker.topics import COMPACTION
from makersync.envelope import CONTENT_TYPE
from makersync.settings import Settings
from makersync.topic import Topic, schema_name

SCHEMA_FORMAT = "application/schema+json;version=2020-12"
KAFKA_BINDING = "0.5.0"
CONTENT_TYPE_HEADER = "content-type"
#: Of every record.
HEADERS: Mapping[str, Any] = MappingProxyType(
    {
        "type": "object",
        "description": "Record headers.",
        "required": [CONTENT_TYPE_HEADER],
        "properties": {
            CONTENT_TYPE_HEADER: {
                "type": "string",
                "const": CONTENT_TYPE,
                "description": "Says that the value is a CloudEvent in structured mode.",
            }
        },
    }
)
#: What each service receives (DESIGN, services); what it sends are the topics that it owns.
RECEIVED: Mapping[str, tuple[Topic, ...]] = MappingProxyType(
    {
        "openings": (CATALOG, PROVIDER, CANDIDATE_MATCH, INTRODUCTION_ANSWER, REACH),
        "learners": (OPENING, INTRODUCTION_REQUEST, CANDIDATE_MATCH, SKILL_SHORTAGE, PATHWAY),
        "matching": (OPENING, DRAFT, LEARNER, CATALOG, COHORT),
    }
)


def asyncapi(files: Files) -> Document:
    """The document for the newest released revisions in `files`; its payloads refer to them by relative path."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Makersync events",
            "version": version("makersync"),
            "description": LOG,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": _servers(),
        "channels": {topic.name: _channel(files, topic) for topic in TOPICS},
        "operations": dict(_operations()),
        "components": {
            "securitySchemes": {
                "principal": {
                    "type": "scramSha512",
                    "description": "One principal for each service, with the least rights that do.",
                }
            }
        },
    }


def _servers() -> Document:
    return {
        "embedded": _plaintext("127.0.0.1:19092", EMBEDDED),
        "compose": _plaintext("kafka:9092", COMPOSE),
        "compose-host": _plaintext("127.0.0.1:9094", PUBLISHED_PORT),
        "cluster": {
            "host": "{brokers}",
            "variables": {
                "brokers": {
                    "default": "kafka.example.com:9092",
                    "description": "One broker or several, separated by commas, as in `MAKERSYNC_BROKER_ADDRESS`.",
                }
            },
            "protocol": "kafka-secure",
            "description": CLUSTER,
            "security": [{"$ref": "#/components/securitySchemes/principal"}],
        },
    }


def _plaintext(host: str, description: str) -> Document:
    return {"host": host, "protocol": "kafka", "description": description}


def _channel(files: Files, topic: Topic) -> Document:
    partitions = Settings.model_fields["partitions"].default if topic.by_region else 1
    return {
        "address": topic.name,
        "summary": topic.summary,
        "description": _place(topic),
        "messages": {kind: _message(files, topic, kind) for kind in kinds_of(topic)},
        "bindings": {
            "kafka": {
                "partitions": partitions,
                "replicas": Settings.model_fields["replication"].default,
                "topicConfiguration": {**COMPACTION, "cleanup.policy": [COMPACTION["cleanup.policy"]]},
                "bindingVersion": KAFKA_BINDING,
            }
        },
    }


def _place(topic: Topic) -> str:
    """Where a record of the topic is, and what stays of it."""
    if topic.by_region:
        partitioned = "Partitioned by the region, with as many partitions as every other topic by region."
    else:
        partitioned = "One partition, which every reader takes in full."
    return f"{_keys(topic)} {partitioned} Compacted: of each key the newest version stays, however old it is."


def _keys(topic: Topic) -> str:
    partition_key = "{region}" if topic.by_region else topic.partition_key
    forms = dict.fromkeys(f"`{partition_key}/{subject}`" for subject in topic.subjects.values())
    return f"Records are keyed by {' or '.join(forms)}."


def _message(files: Files, topic: Topic, kind: str) -> Document:
    series, name = event_series(topic, kind), f"{topic.owner}.{kind}"
    return {
        "name": name,
        "title": kind,
        "summary": MEANINGS[name],
        "description": _carrying(topic, name),
        "contentType": CONTENT_TYPE,
        "headers": dict(HEADERS),
        "correlationId": {
            "location": "$message.payload#/correlationid",
            "description": "The request that the event goes back to, where there was one.",
        },
        "payload": {"schemaFormat": SCHEMA_FORMAT, "schema": _payload(files, topic, series)},
        "bindings": {"kafka": {"key": _key(topic, name), "bindingVersion": KAFKA_BINDING}},
        "examples": [_example(files, path) for path in _example_paths(files, series, newest(files, series))],
    }


def _carrying(topic: Topic, name: str) -> str:
    subject = f"`{topic.subjects[name]}`"
    if name in topic.ends:
        return f"Ends the subject {subject}: readers keep its version and drop the rest. The data name it, without a state."
    return f"Carries the whole state of the subject {subject} at this version, and replaces every earlier one."


def _example(files: Files, path: str) -> Document:
    event = read(files, path)
    return {
        "name": path.rpartition("/")[2].removesuffix(".json"),
        "summary": f"{event['subject']} at version {int(event['sequence'])}",
        "headers": {CONTENT_TYPE_HEADER: CONTENT_TYPE},
        "payload": event,
    }


def _payload(files: Files, topic: Topic, series: Series) -> Document:
    properties = {
        "type": {"const": series.title},
        "dataschema": {"const": schema_name(topic)},
        "data": {"$ref": f"./{series.path(newest(files, series))}"},
    }
    envelope = {"$ref": f"./{ENVELOPE_SERIES.path(newest(files, ENVELOPE_SERIES))}"}
    return {"$schema": DIALECT, "allOf": [envelope, {"properties": properties}]}


def _key(topic: Topic, name: str) -> Document:
    partition_key = "{region}" if topic.by_region else topic.partition_key
    return {"type": "string", "description": f"`{partition_key}/{topic.subjects[name]}`, in UTF-8."}


def _example_paths(files: Files, series: Series, revision: int) -> Iterator[str]:
    number = 1
    while (path := series.example_path(revision, number)) in files:
        yield path
        number += 1


def _operations() -> Iterator[tuple[str, Document]]:
    for service, received in RECEIVED.items():
        for topic in TOPICS:
            if topic.owner == service:
                yield _operation(service, "send", topic)
        for topic in received:
            yield _operation(service, "receive", topic)


def _operation(service: str, action: str, topic: Topic) -> tuple[str, Document]:
    channel = f"#/channels/{topic.name}"
    document: dict[str, Any] = {
        "action": action,
        "channel": {"$ref": channel},
        "summary": f"{service} {'publishes' if action == 'send' else 'reads'} {topic.name}",
        "description": SENDING if action == "send" else READINGS[service][topic.name],
        "tags": [{"name": service, "description": f"What the {service} service sends and receives."}],
        "messages": [{"$ref": f"{channel}/messages/{kind}"} for kind in kinds_of(topic)],
    }
    return f"{service}.{action}.{topic.name}", document

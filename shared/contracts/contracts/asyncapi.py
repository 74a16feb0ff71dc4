"""The AsyncAPI 3.0 document of the event log: channels, messages and who sends and receives them."""

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from types import MappingProxyType
from typing import Any

from contracts.release import ENVELOPE_SERIES, Document, Files, Series, event_series, kinds_of, newest, read
from contracts.topics import CANDIDATE_MATCH, CATALOG, COHORT, LEARNER, OPENING, PATHWAY, SKILL_SHORTAGE, TOPICS
from contracts.written_schema import DIALECT
from makersync.broker.topics import COMPACTION
from makersync.envelope import CONTENT_TYPE
from makersync.settings import Settings
from makersync.topic import Topic, schema_name

SCHEMA_FORMAT = "application/schema+json;version=2020-12"
KAFKA_BINDING = "0.5.0"
#: What each service receives (DESIGN, services); what it sends are the topics that it owns.
RECEIVED: Mapping[str, tuple[Topic, ...]] = MappingProxyType(
    {
        "openings": (CATALOG, CANDIDATE_MATCH),
        "learners": (CANDIDATE_MATCH, SKILL_SHORTAGE, PATHWAY),
        "matching": (OPENING, LEARNER, CATALOG, COHORT),
    }
)


def asyncapi(files: Files) -> Document:
    """The document for the newest released revisions in `files`; its payloads refer to them by relative path."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Makersync events",
            "version": version("makersync"),
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": CONTENT_TYPE,
        "servers": _servers(),
        "channels": {topic.name: _channel(files, topic) for topic in TOPICS},
        "operations": dict(_operations()),
        "components": {
            "securitySchemes": {
                "principal": {"type": "scramSha512", "description": "One principal a service, with the least rights that do."}
            }
        },
    }


_DESCRIPTION = (
    "Every event carries its subject's whole public state at a version (`sequence`), so a later one supersedes all before it. "
    "Records are keyed by `<partitionkey>/<subject>`; topics by region are partitioned by the CRC-32 of the partition key, so "
    "that one region has the same partition number in all of them. Readers ignore what they do not know. "
    "The addresses are placeholders."
)


def _servers() -> Document:
    return {
        "embedded": {
            "host": "127.0.0.1:9092",
            "protocol": "kafka",
            "description": "The embedded profile: the broker that `makersync demo` starts, on this machine only, in memory.",
        },
        "cluster": {
            "host": "127.0.0.1:9094",
            "protocol": "kafka-secure",
            "description": "The cluster profile: Apache Kafka 4 with SASL/SCRAM.",
            "security": [{"$ref": "#/components/securitySchemes/principal"}],
        },
    }


def _channel(files: Files, topic: Topic) -> Document:
    partitions = Settings.model_fields["partitions"].default if topic.by_region else 1
    return {
        "address": topic.name,
        "summary": topic.summary,
        "description": _partitioning(topic),
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


def _partitioning(topic: Topic) -> str:
    if topic.by_region:
        return "Partitioned by region (`partitionkey`), with as many partitions as every other topic by region. Compacted."
    return "One partition, which every reader takes in full. Compacted."


def _message(files: Files, topic: Topic, kind: str) -> Document:
    series = event_series(topic, kind)
    revision = newest(files, series)
    return {
        "name": f"{topic.owner}.{kind}",
        "title": kind,
        "contentType": CONTENT_TYPE,
        "correlationId": {"location": "$message.payload#/correlationid"},
        "payload": {"schemaFormat": SCHEMA_FORMAT, "schema": _payload(files, topic, series)},
        "bindings": {"kafka": {"key": _key(topic), "bindingVersion": KAFKA_BINDING}},
        "examples": [
            {"name": path.rpartition("/")[2].removesuffix(".json"), "payload": read(files, path)}
            for path in _example_paths(files, series, revision)
        ],
    }


def _payload(files: Files, topic: Topic, series: Series) -> Document:
    told = {
        "type": {"const": series.title},
        "dataschema": {"const": schema_name(topic)},
        "data": {"$ref": f"./{series.path(newest(files, series))}"},
    }
    envelope = {"$ref": f"./{ENVELOPE_SERIES.path(newest(files, ENVELOPE_SERIES))}"}
    return {"$schema": DIALECT, "allOf": [envelope, {"properties": told}]}


def _key(topic: Topic) -> Document:
    partition_key = "region" if topic.by_region else "catalog"
    return {"type": "string", "description": f"`<partitionkey>/<subject>`; the partition key is the {partition_key}."}


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
        "tags": [{"name": service}],
        "messages": [{"$ref": f"{channel}/messages/{kind}"} for kind in kinds_of(topic)],
    }
    return f"{service}.{action}.{topic.name}", document

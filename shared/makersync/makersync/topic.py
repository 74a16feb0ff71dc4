"""A topic as its writers and readers see it: its owner, its events, and how a record's partition follows from its key."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points

from pydantic import BaseModel, ConfigDict

#: Entry points, each of which names a sequence of topics.
GROUP = "makersync.topics"


class WireModel(BaseModel):
    """A released shape, as its writer makes it: nothing undeclared leaves a service."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Topic:
    """`types` maps each event type to the model of its data.

    `partition_key` is the same for all records, which are then in one partition; None if each record's partition key is its
    region. `subjects` maps event types to a template that builds the subject's id from the data's fields, such as
    `{opening_id}/{learner_id}`. A `region` field of the data must equal the partition key. Readers check every event against
    both. `ends` are the event types that say that a subject has ended, in one region or everywhere.
    """

    name: str
    owner: str
    partition_key: str | None
    summary: str
    types: Mapping[str, type[WireModel]]
    subjects: Mapping[str, str]
    ends: frozenset[str] = frozenset()

    @property
    def by_region(self) -> bool:
        return self.partition_key is None


def installed_topics() -> tuple[Topic, ...]:
    """Every topic of this environment, in the order of the contracts."""
    return tuple(topic for entry in sorted(entry_points(group=GROUP), key=lambda each: each.name) for topic in entry.load())


def schema_name(topic: Topic) -> str:
    """The `dataschema` of the topic's events; the number is the contract's major version."""
    stem, _, major = topic.name.rpartition(".v")
    return f"urn:makersync:schema:{stem}:{major}"


def partition_of(partition_key: str, partitions: int) -> int:
    """The partition of a region, which is the same number in every topic with equally many partitions (CRC-32 of the key)."""
    return zlib.crc32(partition_key.encode()) % partitions

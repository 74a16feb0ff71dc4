"""What a topic is to those who write and read it: its owner, its events, and how a record's place follows from its key."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points

from pydantic import BaseModel, ConfigDict

#: Entry points that each name a sequence of topics.
GROUP = "makersync.topics"


class WireModel(BaseModel):
    """A released shape, as its writer makes it: nothing undeclared leaves a service."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Topic:
    """`types` maps an event type to the shape of its data.

    `partition_key` is that of all its records, which are in one partition; None where each record's is its region.
    `subjects` says by event type how the subject's id is made of the data's fields, such as `{opening_id}/{learner_id}`; where
    a shape has a `region`, it is the partition key. Readers hold every event to both. `ends` are the types that say that a
    subject has ended, there or everywhere.
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
    """Every topic of this environment, in the order in which the contracts list them."""
    return tuple(topic for entry in sorted(entry_points(group=GROUP), key=lambda each: each.name) for topic in entry.load())


def schema_name(topic: Topic) -> str:
    """`dataschema` of the topic's events; the number is the contract's major version."""
    stem, _, major = topic.name.rpartition(".v")
    return f"urn:makersync:schema:{stem}:{major}"


def partition_of(partition_key: str, partitions: int) -> int:
    """The partition of a region: the same number in every topic with equally many partitions (CRC-32 of the key)."""
    return zlib.crc32(partition_key.encode()) % partitions

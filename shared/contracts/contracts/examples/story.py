"""The subjects of the examples: one employer and one learner near Cleveland, on real places and credentials.

The employer and the learner are invented.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from makersync.envelope import Event, encode_sequence
from makersync.topic import Topic, WireModel, schema_name

CLEVELAND, ANYWHERE = "17410", "remote"
EMPLOYER = "emp_01jz8m2c6tq4x9w7h3kv5n1r0d"
OPENING = "opn_01jzc5f8r3w6m2t9qx7hk4v1n0"
REMOTE_OPENING = "opn_01jzc6a4k9t2x7m5wq3vh8r1e0"
PROVIDER = "prv_01jz9a7d4vh2k6t8mx3q5w1r0c"
LEARNER = "lrn_01jzd7w5q8x3t6m1hk9v2r4n0e"
NEWCOMER = "lrn_01jzdg2m7t4w9h6x1qk8v3r5n0"
MILLING_AWARD = "awd_01jzd81n5vq3h7t2kx9m4r6c0e"
SAFETY_AWARD = "awd_01jzd8b7w2m6q9x4t1hv5k3n0r"
PROGRAMMING_AWARD = "awd_01jzd8q9x4v7m2h5tk1w6r3n0c"
INTRODUCTION = "int_01jzf3k7m9x2t6w4hq8v1r5n0c"
REMOTE_INTRODUCTION = "int_01jzf4n2v6q8h3t7xk5m1w9r0e"
DRAFT = f"drf_01jz8m2c6tq4x9w7h3kv5n1r0d.{CLEVELAND}.1"
REMOTE_DRAFT = f"drf_01jz8m2c6tq4x9w7h3kv5n1r0d.{ANYWHERE}.1"
COHORT = "coh_01jze2k6h9w4x7t1mq5v8r3n0d"

DAY = date(2026, 11, 16)
SEEKING_SINCE = date(2026, 9, 14)
NOON = datetime(2026, 11, 16, 12, 0, 0, 482_000, tzinfo=UTC)
_TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@dataclass(frozen=True, slots=True)
class Example:
    """What happened to a subject at a version. `caused`: another event led to it; `bare`: without optional attributes."""

    kind: str
    subject: str
    version: int
    state: WireModel
    bare: bool = False
    caused: bool = False


def event_of(topic: Topic, example: Example, number: int) -> Event:
    """The example as its service would publish it; `number` distinguishes the examples of one type."""
    name = f"{topic.name}/{example.kind}/{number}"
    time = NOON + timedelta(minutes=number)
    return Event(
        id=_id("event", name),
        source=f"/makersync/{topic.owner}",
        type=f"{topic.owner}.{example.kind}",
        subject=example.subject,
        time=time,
        dataschema=schema_name(topic),
        partitionkey=topic.partition_key or str(example.state.model_dump()["region"]),
        sequence=encode_sequence(example.version),
        correlationid=None if example.bare else _id("request", name),
        causationid=_id("cause", name) if example.caused else None,
        traceparent=None if example.bare else _TRACE,
        origintime=time - timedelta(milliseconds=61) if example.caused else None,
        data=example.state.model_dump(mode="json", exclude_none=True),
    )


def by_kind(topic: Topic, examples: tuple[Example, ...]) -> Mapping[str, tuple[Event, ...]]:
    """The events of each short event type, in the order given."""
    published: dict[str, list[Event]] = {}
    for example in examples:
        events = published.setdefault(example.kind, [])
        events.append(event_of(topic, example, len(events) + 1))
    return {kind: tuple(events) for kind, events in published.items()}


def _id(what: str, name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"urn:makersync:example:{what}:{name}"))

"""Events with one value replaced: by what no database keeps, no calendar has, and no arithmetic survives."""

import json
import re
from collections.abc import Iterator
from random import Random
from typing import Any

from contracts.examples import examples_of
from makersync.broker.port import Outgoing
from makersync.envelope import Event, encode, encode_sequence
from makersync.topic import Topic, partition_of

Path = tuple[str | int, ...]
#: As JSON, for no writer of ours makes the most of them. By what stands in the place, so that each is tried where it hurts.
NUMBERS = (
    "-1",
    "0",
    "2147483648",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "1" + "0" * 18,
    "1e999",
    "0.5",
)
DATES = ('"0001-01-01"', '"9999-12-31"', '"1899-12-31"', '"0001-01-01T00:00:00+23:59"', '"9999-12-31T23:59:59-23:59"')
TEXTS = ('"\\u0000"', '"a\\u0000b"', '"\\ud800"', '""', json.dumps("x" * 2_000), '"ann\\n"', '"a/b"', '"00000"', '"remote"')
OTHERS = ("null", "true", "[]", "[null]", "{}", '{"": null}', "NaN", "1" + "0" * 400, "[" * 3_000 + "]" * 3_000)
OTHERS_A_PLACE = 2
DAY = re.compile(r"\d{4}-\d\d-\d\d")
MARK = "\x1aput here\x1a"


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place of a JSON value, the containers too."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, each in items:
        yield from places(each, (*path, name))


def replaced(document: Any, path: Path, value: Any) -> Any:
    """A copy with another value there."""
    copy = json.loads(json.dumps(document))
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return copy


def hostile_to(value: Any, random: Random) -> list[str]:
    """What is tried in place of a value."""
    fit = (
        NUMBERS
        if isinstance(value, int | float)
        else DATES
        if DAY.match(str(value))
        else TEXTS
        if isinstance(value, str)
        else ()
    )
    return [*fit, *random.sample((*NUMBERS, *DATES, *TEXTS, *OTHERS), OTHERS_A_PLACE)]


def texts(document: dict[str, Any], random: Random) -> Iterator[tuple[Path, str]]:
    """The document as JSON text with one value replaced, in every place."""
    for path in places(document):
        marked = json.dumps(replaced(document, path, MARK))
        for value in hostile_to(at(document, path), random):
            yield path, marked.replace(json.dumps(MARK), value)
    for value in ("\\u0000", "\\ud800", "\\ud83d\\ude00"):
        # What no reader knows is stored all the same.
        unknown = replaced(document, ("data", "unknown"), MARK)
        yield ("data", "unknown"), json.dumps(unknown).replace(json.dumps(MARK), f'{{"{value}": "{value}"}}')


def at(document: Any, path: Path) -> Any:
    for step in path:
        document = document[step]
    return document


def examples(topic: Topic) -> list[Event]:
    """The fullest of each shape."""
    shapes = {model: name.rpartition(".")[2] for name, model in topic.types.items()}
    return [examples_of(topic, kind)[-1] for kind in shapes.values()]


def outgoing(topic: Topic, event: Event, version: int, partitions: int, text: str | None = None) -> Outgoing:
    """The event with this version, or this JSON text of its whole envelope, where it belongs."""
    number = partition_of(event.partitionkey, partitions) if topic.by_region else 0
    whole = {**json.loads(encode(event)), "sequence": encode_sequence(version)}
    value = json.dumps(whole).encode() if text is None else text.encode()
    return Outgoing(topic.name, number, f"{event.partitionkey}/{event.subject}".encode(), value)

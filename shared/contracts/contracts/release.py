"""Released schemas: files that never change. A changed model makes the next revision, and what was promised stays on record.

Everything here works on `Files` (path below the schemas folder -> content) and touches no disk.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from contracts.compatibility import Break, breaks, unconsented
from contracts.examples import examples_of
from contracts.topics import TOPICS
from contracts.written_schema import DIALECT, WrittenEvent, written_schema
from makersync.envelope import Event, encode
from makersync.topic import Topic, WireModel, schema_name

Files = Mapping[str, bytes]
Document = dict[str, Any]
MANIFEST = "manifest.json"
_RELEASED = re.compile(r"^(envelope|[a-z-]+\.[a-z-]+\.v[0-9]+)/(examples/)?[A-Za-z]+(\.[0-9]+){1,2}\.json$")
_NOTE = "Released files never change: each is listed with its SHA-256. Written by `makersync schemas release`."


@dataclass(frozen=True, slots=True)
class Series:
    """The revisions of one schema: `stem` is their path without number, `make` the schema that today's model has."""

    stem: str
    urn: str
    title: str
    make: Callable[[], Document]
    examples: tuple[Event, ...] = ()

    def path(self, revision: int) -> str:
        return f"{self.stem}.{revision}.json"

    def example_path(self, revision: int, number: int) -> str:
        folder, _, name = self.stem.rpartition("/")
        return f"{folder}/examples/{name}.{revision}.{number}.json"

    def document(self, revision: int) -> Document:
        """Today's schema as it would be released with this number."""
        schema = {"$schema": DIALECT, "$id": f"{self.urn}:{revision}", "title": self.title, **_without_title(self.make())}
        return {name: schema[name] for name in (*_ORDER, *schema) if name in schema}


_ORDER = ("$schema", "$id", "title", "description", "type", "required", "properties", "$defs")


@dataclass(frozen=True, slots=True)
class Breach:
    """A change of a series that a released reader would not survive."""

    path: str
    found: Break

    def __str__(self) -> str:
        return f"{self.path}: {self.found}"


def event_series(topic: Topic, kind: str) -> Series:
    """The series of one event type's data; `kind` is the type's short name."""
    model: type[WireModel] = topic.types[f"{topic.owner}.{kind}"]
    stem, urn = f"{topic.name}/{kind}", f"{schema_name(topic)}:{kind}"
    return Series(stem, urn, f"{topic.owner}.{kind}", lambda: written_schema(model), examples_of(topic, kind))


ENVELOPE_SERIES = Series(
    "envelope/CloudEvent", "urn:makersync:schema:envelope:1:CloudEvent", "CloudEvent", lambda: written_schema(WrittenEvent)
)


def kinds_of(topic: Topic) -> tuple[str, ...]:
    return tuple(name.removeprefix(f"{topic.owner}.") for name in topic.types)


def all_series() -> Iterator[Series]:
    """The envelope's, and that of every event type of every topic."""
    yield ENVELOPE_SERIES
    for topic in TOPICS:
        for kind in kinds_of(topic):
            yield event_series(topic, kind)


def revisions(files: Files, series: Series) -> tuple[int, ...]:
    """The numbers that were released, ascending."""
    pattern = re.compile(re.escape(series.stem) + r"\.([0-9]+)\.json")
    return tuple(sorted(int(found[1]) for path in files if (found := pattern.fullmatch(path))))


def newest(files: Files, series: Series) -> int:
    """The newest released revision, 0 when there is none."""
    return max(revisions(files, series), default=0)


def is_current(files: Files, series: Series) -> bool:
    """Whether today's model says exactly what the newest released revision says."""
    number = newest(files, series)
    return number > 0 and read(files, series.path(number)) == series.document(number)


def release(files: Files) -> dict[str, bytes]:
    """The files to write: a next revision of each series that is not current, absent examples, and the manifest of them all."""
    written: dict[str, bytes] = {}
    for series in all_series():
        number = newest(files, series) if is_current(files, series) else newest(files, series) + 1
        written |= {path: content for path, content in _of_revision(series, number) if path not in files}
    listing = manifest({**files, **written})
    return written | ({MANIFEST: listing} if files.get(MANIFEST) != listing else {})


def breaches(files: Files, readers: Mapping[str, list[Document]]) -> tuple[Breach, ...]:
    """Where today's writers exceed a released revision of the same major version.

    `readers` holds, by stem, the schemas of what today's consumers read: a new enum value that they all take is no breach.
    """
    found: list[Breach] = []
    for series in all_series():
        today = series.make()
        for number in revisions(files, series):
            beyond = breaks(read(files, series.path(number)), today)
            found += [Breach(series.path(number), each) for each in unconsented(beyond, today, readers.get(series.stem, []))]
    return tuple(found)


def tampered(files: Files) -> tuple[str, ...]:
    """Complaints about released files that were changed, lost or never listed."""
    listed: Mapping[str, str] = read(files, MANIFEST)["sha256"] if MANIFEST in files else {}
    lost = [f"{path} was released and is gone" for path in listed if path not in files]
    found = {path: _digest(content) for path, content in files.items() if is_released(path)}
    changed = [f"{path} was released and has changed" for path in found if listed.get(path, found[path]) != found[path]]
    unlisted = [f"{path} is not in {MANIFEST}" for path in found if path not in listed]
    return (*lost, *changed, *unlisted)


def manifest(files: Files) -> bytes:
    """The digest of every released file. What was listed stays: an edited file stays listed with what was released."""
    known = read(files, MANIFEST)["sha256"] if MANIFEST in files else {}
    found = {path: _digest(content) for path, content in files.items() if is_released(path)}
    return render({"note": _NOTE, "sha256": dict(sorted({**found, **known}.items()))})


def is_released(path: str) -> bool:
    """Whether the path is one of a schema or an example, which never change."""
    return _RELEASED.match(path) is not None


def read(files: Files, path: str) -> Any:
    return json.loads(files[path])


def render(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()


def _of_revision(series: Series, number: int) -> Iterator[tuple[str, bytes]]:
    yield series.path(number), render(series.document(number))
    for count, event in enumerate(series.examples, start=1):
        yield series.example_path(number, count), render(json.loads(encode(event)))


def _digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def _without_title(schema: Document) -> Document:
    return {name: value for name, value in schema.items() if name != "title"}

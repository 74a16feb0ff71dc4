"""`docs/reference/events.md`: topics, keys, writers and readers, and every event type with the fields of its data."""

from collections.abc import Iterator, Mapping

from contracts.asyncapi import RECEIVED
from contracts.commands import CHECKOUT, read_files
from contracts.event_texts import MEANINGS
from contracts.release import ENVELOPE_SERIES, Files, event_series, kinds_of, newest, read
from contracts.topics import TOPICS
from makersync.topic import Topic
from tools.pages.json_schema import fields_table
from tools.pages.markdown import code, page, table

#: The schemas say what a writer always sends.
ALWAYS = "always there"
_INTRODUCTION = """Services tell each other what happened through the topics below, and through nothing else. Every record
is a CloudEvent in structured JSON mode whose `data` is the subject's whole public state at one version (`sequence`). Its
key is `<partitionkey>/<subject>`. Topics by region use the region as partition key and have equally many partitions, so
that one labour market has the same partition number in all of them. All topics are compacted.

The schemas are released files below `shared/contracts/schemas`, which never change; the AsyncAPI 3 document beside them
(`asyncapi.json`) says the same for tools, and `examples/` in each folder holds whole events. A field that is unknown is
absent, never null. Ignore fields that you do not know."""


def events_page() -> str:
    files = read_files(CHECKOUT)
    return page("Events", _INTRODUCTION, _overview(), _envelope(files), *_topics(files))


def _overview() -> str:
    rows = [(f"[{topic.name}](#{_anchor(topic)})", topic.owner, ", ".join(_readers(topic)), topic.summary) for topic in TOPICS]
    return "## Topics\n\n" + table(("topic", "written by", "read by", "what"), rows)


def _readers(topic: Topic) -> list[str]:
    return [service for service, received in RECEIVED.items() if topic in received]


def _envelope(files: Files) -> str:
    path = ENVELOPE_SERIES.path(newest(files, ENVELOPE_SERIES))
    return f"## The envelope\n\nReleased as `{path}`.\n\n{fields_table(read(files, path), ALWAYS)}"


def _topics(files: Files) -> Iterator[str]:
    for topic in TOPICS:
        yield f"## {topic.name}\n\n{topic.summary}"
        yield table(("event type", "what happened", "its data", "subject", "schema"), _types(files, topic))
        for title, schema in _shapes(files, topic).items():
            yield f"### {title} in {topic.name}\n\n{schema.get('description', '')}".rstrip()
            yield fields_table(schema, ALWAYS)


def _types(files: Files, topic: Topic) -> Iterator[tuple[str, ...]]:
    for kind in kinds_of(topic):
        series, name = event_series(topic, kind), f"{topic.owner}.{kind}"
        schema = series.path(newest(files, series))
        yield code(name), MEANINGS[name], topic.types[name].__name__, code(topic.subjects[name]), code(schema)


def _shapes(files: Files, topic: Topic) -> Mapping[str, Mapping[str, object]]:
    """Each shape of data once, with those that it is made of."""
    shapes: dict[str, Mapping[str, object]] = {}
    for kind in kinds_of(topic):
        series = event_series(topic, kind)
        schema = read(files, series.path(newest(files, series)))
        shapes.setdefault(topic.types[f"{topic.owner}.{kind}"].__name__, schema)
        for name, part in schema.get("$defs", {}).items():
            if "properties" in part:
                shapes.setdefault(name, part)
    return shapes


def _anchor(topic: Topic) -> str:
    return topic.name.replace(".", "")

"""Examples are whole events, and every released one is still understood: by the standard's own SDK and by today's readers."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from contracts.examples.matching import SHORTAGE_EXAMPLES
from contracts.examples.story import Example
from contracts.release import ENVELOPE_SERIES, Files, Series, all_series, event_series, kinds_of, newest, read, revisions
from contracts.topics import BY_NAME, CATALOG, TOPICS
from makersync.broker.port import Record
from makersync.effects.outbox import NewEvent
from makersync.effects.reading import Reader
from makersync.envelope import decode
from makersync.topic import Topic, partition_of, schema_name
from matching.domain.cells.measuring import level_ahead_of, level_without_history, tightness_of
from matching.domain.cells.shortage_cell import CellMeasure
from matching.domain.market.policy import Policy
from reference.places import load_places
from tests.contracts.judging import complaints

EVENT_TYPES = {f"{topic.name}/{kind}": (topic, kind) for topic in TOPICS for kind in kinds_of(topic)}
PARTITIONS = 8
#: What an event of this type is about, so that it cannot be absent although the schema lets it.
ALWAYS_THERE = {
    "openings.opening.v1/OpeningExpired": {"closes_on"},
    "openings.introduction.v1/IntroductionWithdrawn": {"reason"},
    "openings.introduction.v1/ContactAccessGranted": {"access"},
    "openings.introduction.v1/PersonHired": {"hired_on"},
    "openings.introduction.v1/PersonNotHired": {"reason"},
    "learners.introduction.v1/IntroductionDeclined": {"reason"},
    "learners.introduction.v1/IntroductionEnded": {"reason"},
    "learners.introduction.v1/HireConfirmed": {"hire"},
    "learners.introduction.v1/HireDisputed": {"hire"},
}
#: What a request says only while it asks.
_ASKING = {"outcomes", "message", "contact", "access"}
#: What an event of this type cannot say although the schema lets it.
NEVER_THERE = {
    "openings.introduction.v1/IntroductionRequested": {"reason", "access", "hired_on"},
    "openings.introduction.v1/IntroductionWithdrawn": {"hired_on", *_ASKING},
    "openings.introduction.v1/ContactAccessGranted": {"reason", "hired_on"},
    "openings.introduction.v1/PersonHired": {"reason", *_ASKING},
    "openings.introduction.v1/PersonNotHired": {"hired_on", *_ASKING},
    "openings.introduction.v1/HireUndone": {"access", "hired_on"},
    "learners.introduction.v1/IntroductionAccepted": {"reason", "hire"},
    "learners.introduction.v1/IntroductionDeclined": {"hire"},
    "learners.introduction.v1/IntroductionLapsed": {"reason", "hire"},
}
SUBJECTS = {
    "openings.opening.v1": "{opening_id}",
    "learners.learner.v1": "{learner_id}",
    "learners.cohort.v1": "{cohort_id}",
    "matching.candidate-match.v1": "{opening_id}/{learner_id}",
    "matching.skill-shortage.v1": "{subject}",
    "matching.pathway.v1": "{learner_id}",
    "openings.introduction.v1": "{introduction_id}",
    "learners.introduction.v1": "{introduction_id}",
    "openings.draft.v1": "{draft_id}",
    "matching.reach.v1": "{subject_id}",
}


def example_paths(files: Files, series: Series) -> list[str]:
    """Every released example of every revision."""
    folder, _, kind = series.stem.rpartition("/")
    return sorted(path for path in files if path.startswith(f"{folder}/examples/{kind}."))


def every_example(files: Files) -> Iterator[tuple[Topic, str, bytes]]:
    """Topic, path and content, of types that are no longer written too."""
    for path, content in sorted(files.items()):
        folder, _, _ = path.partition("/examples/")
        if folder in BY_NAME and folder != path:
            yield BY_NAME[folder], path, content


@pytest.mark.parametrize(("topic", "kind"), EVENT_TYPES.values(), ids=EVENT_TYPES)
def test_every_revision_has_a_bare_and_a_full_example(files: Files, topic: Topic, kind: str) -> None:
    series = event_series(topic, kind)
    for number in revisions(files, series):
        schema = read(files, series.path(number))
        examples = [read(files, path)["data"] for path in example_paths(files, series) if f".{number}." in path]
        bare = {*schema["required"], *ALWAYS_THERE.get(series.stem, ())}
        assert any(set(example) == bare for example in examples), f"revision {number} has no example without optional fields"
        listed = {place for place in _listed(schema, schema) if place.split("/")[1] not in NEVER_THERE.get(series.stem, ())}
        unseen = listed - {place for example in examples for place in _present(example)}
        assert not unseen, f"no example of revision {number} shows {sorted(unseen)}"


def _listed(schema: Mapping[str, Any], root: Mapping[str, Any], place: str = "") -> set[str]:
    """The places of every property that the schema lists."""
    if "$ref" in schema:
        return _listed(root["$defs"][schema["$ref"].rpartition("/")[2]], root, place)
    found = set[str]()
    for branch in schema.get("anyOf", []):
        found |= _listed(branch, root, place)
    if "items" in schema:
        found |= _listed(schema["items"], root, f"{place}/*")
    for name, inner in schema.get("properties", {}).items():
        found |= {f"{place}/{name}"} | _listed(inner, root, f"{place}/{name}")
    return found


def _present(value: object, place: str = "") -> set[str]:
    if isinstance(value, list):
        return {found for each in value for found in _present(each, f"{place}/*")}
    if not isinstance(value, dict):
        return set()
    inner = {found for name, each in value.items() for found in _present(each, f"{place}/{name}")}
    return {f"{place}/{name}" for name in value} | inner


def test_every_example_satisfies_its_schema_and_the_envelopes(files: Files) -> None:
    envelope = read(files, ENVELOPE_SERIES.path(newest(files, ENVELOPE_SERIES)))
    for series in all_series():
        for path in example_paths(files, series):
            number = path.rpartition("/")[2].split(".")[1]
            example = read(files, path)
            assert complaints(envelope, example) == [], path
            assert complaints(read(files, f"{series.stem}.{number}.json"), example["data"]) == [], path


def test_every_example_parses_with_the_cloudevents_sdk(files: Files) -> None:
    for topic, path, content in every_example(files):
        event = JSONFormat().read(CloudEvent, content)
        kind = path.rpartition("/")[2].split(".")[0]
        assert (event.get_type(), event.get_specversion()) == (f"{topic.owner}.{kind}", "1.0"), path
        assert (event.get_dataschema(), event.get_data()) == (schema_name(topic), read(files, path)["data"]), path
        assert event.get_extension("partitionkey") == decode(content).partitionkey


def test_every_example_is_keyed_by_its_partition_key_and_subject(files: Files) -> None:
    for topic, path, content in every_example(files):
        event = decode(content)
        region = event.partitionkey if topic.by_region else None
        state = next(iter(topic.types.values())).model_construct()
        new = NewEvent(topic, "", event.subject, region, event.version, state)
        assert new.key == f"{event.partitionkey}/{event.subject}", path
        assert event.partitionkey == (event.data["region"] if topic.by_region else topic.partition_key), path
        assert event.subject == SUBJECTS.get(topic.name, event.subject).format(**event.data), path


def test_catalog_subjects_tell_competencies_from_credentials(files: Files) -> None:
    for topic, path, content in every_example(files):
        if topic is CATALOG:
            event = decode(content)
            sort = "competency" if event.type.endswith("CompetencyDefined") else "credential"
            assert event.subject == f"{sort}/{event.data['id']}", path


def test_examples_stand_on_real_places(files: Files) -> None:
    places = load_places()
    for topic, path, content in every_example(files):
        data = decode(content).data
        assert not topic.by_region or data["region"] in places.regions(), path
        assert "zip" not in data or places.point(data["zip"]), path


def test_every_example_still_parses_with_todays_readers(files: Files, readers: tuple[Reader, ...]) -> None:
    read_topics = {reader.topic.name for reader in readers}
    assert read_topics == set(BY_NAME), "a topic that nobody reads, or a service that is not installed"
    for reader in readers:
        for topic, path, content in every_example(files):
            if topic == reader.topic:
                received = reader.read(_record(topic, content), PARTITIONS)
                assert received.kind == path.rpartition("/")[2].split(".")[0]


@pytest.mark.parametrize("example", SHORTAGE_EXAMPLES, ids=lambda example: f"{example.kind}-{example.version}")
def test_the_newest_examples_of_signals_are_what_the_market_rules_give(example: Example) -> None:
    state, policy = example.state.model_dump(), Policy()
    ahead = tightness_of(state["demand"], state["supply"] + state["pipeline"], policy)
    counts = {each.name: state[each.name] for each in fields(CellMeasure)}
    measure = CellMeasure(**{**counts, "employer_share": counts["employer_share"] or 0, "tightness_ahead": ahead})
    assert measure.tightness == tightness_of(measure.demand, measure.supply, policy)
    assert state["level"] == level_without_history(measure, policy).word
    if not example.bare:
        assert (state["tightness_ahead"], state["level_ahead"]) == (ahead, level_ahead_of(measure, policy).word)


def _record(topic: Topic, content: bytes) -> Record:
    event = decode(content)
    partition = partition_of(event.partitionkey, PARTITIONS) if topic.by_region else 0
    return Record(topic.name, partition, 0, f"{event.partitionkey}/{event.subject}".encode(), content, 0)

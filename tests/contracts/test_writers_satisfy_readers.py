"""Whatever a service writes today, readers that were made for any released revision of the same major version take it."""

from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.compatibility import breaks
from contracts.release import Document, Files, Series, all_series, breaches, event_series, kinds_of, newest, read, revisions
from contracts.topics import TOPICS
from makersync.effects.reading import Reader
from makersync.topic import Topic
from tests.contracts.judging import closed, complaints
from tests.contracts.strategies import instances

MODELS = {model.__name__: (topic, name.rpartition(".")[2]) for topic in TOPICS for name, model in topic.types.items()}
#: Writers do not limit counts and versions; readers stop at what their columns hold, far beyond any market.
LIMITS = {"bound_loosened", "form_changed"}


def test_no_released_revision_is_broken_by_todays_writers(files: Files, reader_schemas: Mapping[str, list[Document]]) -> None:
    assert [str(breach) for breach in breaches(files, reader_schemas)] == []


@pytest.fixture
def schemas(files: Files, topic: Topic, kind: str) -> list[Document]:
    """What every event of the type satisfies: the newest revision, without room for more, and each that is not outgrown."""
    series = event_series(topic, kind)
    return [closed(read(files, series.path(newest(files, series)))), *_unbroken(files, series)]


@pytest.mark.parametrize(("topic", "kind"), MODELS.values(), ids=MODELS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_a_writer_makes_satisfies_the_released_schemas(
    schemas: list[Document], topic: Topic, kind: str, data: st.DataObject
) -> None:
    state = data.draw(instances(topic.types[event_series(topic, kind).title]))
    written = state.model_dump(mode="json", exclude_none=True)
    for schema in schemas:
        assert complaints(schema, written) == []


def _unbroken(files: Files, series: Series) -> list[Document]:
    """The released revisions, but those that readers agreed to outgrow."""
    schemas = [read(files, series.path(number)) for number in revisions(files, series)]
    return [schema for schema in schemas if not breaks(schema, series.make())]


def test_todays_readers_take_the_shape_of_what_todays_writers_write(reader_schemas: Mapping[str, list[Document]]) -> None:
    for series in all_series():
        for schema in reader_schemas.get(series.stem, []):
            found = [each for each in breaks(schema, series.make()) if each.rule not in LIMITS]
            assert not found, f"{schema['title']} does not take {series.stem}: {'; '.join(map(str, found))}"


def test_every_event_type_is_known_to_each_reader_of_its_topic(readers: tuple[Reader, ...]) -> None:
    for reader in readers:
        assert set(reader.models) == set(kinds_of(reader.topic))

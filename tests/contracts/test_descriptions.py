"""A stranger can read the contracts: every field says what it means."""

from collections.abc import Iterator
from typing import Any

import pytest

from contracts.release import Files, Series, all_series, newest, read

SERIES = {series.stem: series for series in all_series()}


@pytest.mark.parametrize("series", SERIES.values(), ids=SERIES)
def test_every_field_of_the_newest_schema_is_described(files: Files, series: Series) -> None:
    schema = read(files, series.path(newest(files, series)))
    assert [place for place, each in _objects_and_fields(schema) if not each.get("description")] == []


def _objects_and_fields(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, each in {"data": schema, **schema.get("$defs", {})}.items():
        yield name, each
        yield from ((f"{name}/{field}", found) for field, found in each.get("properties", {}).items())

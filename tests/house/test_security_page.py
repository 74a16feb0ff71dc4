"""The page on security names a test for each requirement that it says is met, and each of them exists."""

import re

import pytest

from tests.docs.sources import DOCS, ROOT

PAGE = (DOCS / "reference" / "security.md").read_text("utf-8")
_ROW = re.compile(r"^\| (?P<requirement>[\d.]+(?:, [\d.]+)*) \| [^|]+ \| (?P<tests>[^|]+) \|$", re.MULTILINE)
_TEST = re.compile(r"`(?P<path>[\w/.]+\.py):(?P<name>test_\w+)`")
MET = [(row["requirement"], row["tests"]) for row in _ROW.finditer(PAGE)]


def test_the_page_lists_requirements() -> None:
    """Guards: a table whose form has changed would be checked no more."""
    assert len(MET) > 25


@pytest.mark.parametrize(("requirement", "tests"), MET, ids=[requirement for requirement, _ in MET])
def test_every_requirement_that_is_met_has_tests_that_exist(requirement: str, tests: str) -> None:
    named = list(_TEST.finditer(tests))
    assert named, requirement
    for test in named:
        text = (ROOT / test["path"]).read_text("utf-8")
        assert re.search(rf"^(?:async )?def {test['name']}\(", text, re.MULTILINE), test[0]

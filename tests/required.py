"""A pytest plugin (`-p tests.required`): where MAKERSYNC_REQUIRE_SERVERS is 1, a test that skips has failed.

A machine without Docker, Kafka or PostgreSQL skips the tests that need them, and says so. CI has them all: there a skip would
hide that something was never tried.
"""

import os
from collections.abc import Generator
from typing import TypeVar

import pytest

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _refuse_skip((yield))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    return _refuse_skip((yield))


def _refuse_skip(report: Report) -> Report:
    expected_failure = hasattr(report, "wasxfail")
    if report.skipped and not expected_failure and os.environ.get("MAKERSYNC_REQUIRE_SERVERS") == "1":
        report.outcome = "failed"
        report.longrepr = f"Skipped, where nothing may be: {_reason(report.longrepr)}"
    return report


def _reason(longrepr: object) -> str:
    return str(longrepr[2]) if isinstance(longrepr, tuple) else str(longrepr)

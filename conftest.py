"""Fixtures for every test in this repository. Run the tests as `python -m pytest` from here."""

import gc

from tests.servers.statements import share_compiled_statements

pytest_plugins = ["tests.servers.fixtures"]


def pytest_sessionstart() -> None:
    """Thousands of tests are many objects, which need not be looked at again and again while more of them are made."""
    gc.disable()
    share_compiled_statements()


def pytest_collection_finish() -> None:
    """Nor does anything need to look at them whenever something is collected afterwards."""
    gc.enable()
    gc.collect()
    gc.freeze()

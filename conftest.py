"""Fixtures for every test in this repository. Run the tests as `python -m pytest` from here."""

import gc

pytest_plugins = ["tests.servers.fixtures"]


def pytest_collection_finish() -> None:
    """Thousands of tests are many objects, which nothing needs to look at again whenever something is collected."""
    gc.collect()
    gc.freeze()

"""Fixtures for every test in this repository. Run the tests as `python -m pytest` from here."""

pytest_plugins = ["tests.servers.fixtures"]

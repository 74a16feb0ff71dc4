"""Puts the support modules of these tests (`markets`, `market_oracle`, `region_world`) on the path."""

import sys
from pathlib import Path

import pytest

from reference.places import Places, load_places

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def places() -> Places:
    """The reference table."""
    return load_places()

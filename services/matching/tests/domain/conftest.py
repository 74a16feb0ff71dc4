"""Puts the support modules of these tests on the path, and makes the places and rules that they share."""

import sys
from pathlib import Path

import pytest

from matching.domain.market.policy import Policy
from matching.domain.rules.profile import Rules
from reference.places import Places, load_places

sys.path.insert(0, str(Path(__file__).parent))

from examples import DAY, catalog


@pytest.fixture(scope="session")
def places() -> Places:
    """The reference table."""
    return load_places()


@pytest.fixture
def rules(places: Places) -> Rules:
    return Rules(catalog(), Policy(), places, DAY)

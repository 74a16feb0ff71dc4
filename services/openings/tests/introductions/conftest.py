"""A scene for each test of introductions."""

import pytest

from services.openings.tests.conftest import Caller, publish
from services.openings.tests.events import Feed

from .scenes import Scene


@pytest.fixture
async def scene(catalog: None, acme: Caller, feed: Feed) -> Scene:
    """An opening of three positions whose shortlist is empty."""
    return Scene(acme, feed, (await publish(acme)).rpartition("/")[2])

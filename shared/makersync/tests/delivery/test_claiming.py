"""How the database finds what can be sent."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.dialects import sqlite

from makersync.clock import WallClock
from makersync.delivery import claiming
from makersync.delivery.tables import DeliveryModel
from makersync.feed.tables import FeedModel

GIVEN = {"now": WallClock().now(), "most": 4, "webhook_ids": ["whk_1", "whk_2"]}


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        for model in (DeliveryModel, FeedModel):
            model.metadata.create_all(connection)
        yield connection
    engine.dispose()


@pytest.mark.parametrize("statement", [claiming._BUSY, claiming._NEXT, claiming._COUNTS])
def test_sqlite_walks_past_nothing_that_was_delivered(connection: Connection, statement: Any) -> None:
    """Guards: looks that take longer with every message that was ever delivered, since the log is kept for a month."""
    wanted = statement.compile().params
    query = statement.params({name: value for name, value in GIVEN.items() if name in wanted})
    written = query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    plan = [row[3] for row in connection.execute(text(f"EXPLAIN QUERY PLAN {written}".replace(":", r"\:")))]
    used = [step.partition(" USING ")[2] for step in plan if "webhook_delivery_" in step]
    assert used
    assert all("webhook_delivery_pending" in each or "webhook_id=? AND position=?" in each for each in used), used

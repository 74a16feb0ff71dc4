"""Who waits for news of a feed is told, whatever happens to one look at the database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.feed.tables import FeedHeadRow, FeedModel
from makersync.feed.watching import FeedWatch
from makersync.store.database import DatabaseAway, Store


class FaultyStore(Store):
    """The first looks fail with these errors."""

    faults: list[Exception]

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        if self.faults:
            raise self.faults.pop(0)
        async with super().reading() as session:
            yield session


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[FaultyStore]:
    store = FaultyStore(f"sqlite+aiosqlite:///{tmp_path / 'feed.sqlite'}")
    store.faults = []
    async with store.engine.begin() as connection:
        await connection.run_sync(FeedModel.metadata.create_all)
    yield store
    await store.close()


@pytest.mark.parametrize("fault", [DatabaseAway("away"), RuntimeError("nobody thought of it")])
async def test_a_look_that_fails_is_followed_by_another(
    store: FaultyStore, fault: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    """Guards: a fault that ends the looking, so that who waits already is told of nothing until the next one comes."""
    store.faults = [fault, fault]
    watch = FeedWatch(store, asyncio.Event())
    async with watch.place("emp_acme"):
        waiting = asyncio.create_task(watch.beyond("emp_acme", 0, 30.0))
        async with store.transaction() as session:
            session.add(FeedHeadRow(organisation_id="emp_acme", position=1))
        assert await waiting
    assert store.faults == []
    assert capsys.readouterr().out.count("feed_look_failed") == (0 if isinstance(fault, DatabaseAway) else 1)

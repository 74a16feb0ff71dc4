"""Looks at a SQLite store that are skipped while nothing was committed."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlmodel import text

from makersync.clock import Clock
from makersync.store.database import Store
from makersync.store.repeated_look import LONGEST_S, RepeatedLook


class StandingClock(Clock):
    seconds = 100.0

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store(f"sqlite+aiosqlite:///{tmp_path}/a folder with %20 and ?.sqlite".replace("?", "%3F"))
    async with store.transaction() as session:
        await session.exec(text("CREATE TABLE note (words TEXT)"))
    yield store
    await store.close()


async def write(store: Store, *, is_noticed: bool = True) -> None:
    async with store.transaction() if is_noticed else store.unnoticed() as session:
        await session.exec(text("INSERT INTO note VALUES ('something')"))


async def count(store: Store) -> int:
    async with store.reading() as session:
        return int((await session.exec(text("SELECT count(*) FROM note"))).one()[0])


def idle(store: Store, clock: Clock) -> RepeatedLook:
    look = RepeatedLook(store, clock)
    assert look.is_needed()
    look.found_nothing()
    return look


async def test_a_look_is_skipped_until_somebody_commits(store: Store) -> None:
    look = idle(store, StandingClock())
    assert not look.is_needed()
    await write(store)
    assert look.is_needed()
    look.found_nothing()
    assert not look.is_needed()


async def test_a_commit_of_another_process_is_noticed(store: Store) -> None:
    look, other = idle(store, StandingClock()), Store(str(store.engine.url))
    await write(other)
    assert look.is_needed()
    await other.close()


async def test_what_is_committed_during_a_look_needs_another(store: Store) -> None:
    look = RepeatedLook(store, StandingClock())
    assert look.is_needed()
    await write(store)
    look.found_nothing()
    assert look.is_needed()


async def test_a_look_that_found_work_is_repeated(store: Store) -> None:
    look = RepeatedLook(store, StandingClock())
    assert look.is_needed()
    assert look.is_needed()


async def test_a_look_is_repeated_after_a_while_all_the_same(store: Store) -> None:
    clock = StandingClock()
    look = idle(store, clock)
    clock.seconds += LONGEST_S
    assert look.is_needed()


async def test_an_unnoticed_transaction_is_committed_and_needs_no_look(store: Store) -> None:
    look = idle(store, StandingClock())
    await write(store, is_noticed=False)
    assert await count(store) == 1
    assert not look.is_needed()
    await write(store)
    assert look.is_needed()


async def test_an_unnoticed_transaction_that_fails_changes_nothing(store: Store) -> None:
    look = idle(store, StandingClock())
    with pytest.raises(ValueError, match="midst"):
        async with store.unnoticed() as session:
            await session.exec(text("INSERT INTO note VALUES ('something')"))
            raise ValueError("in the midst")
    assert await count(store) == 0
    assert not look.is_needed()

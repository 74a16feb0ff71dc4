"""A market that is far behind: what waits together is settled together, and nothing is lost meanwhile."""

from collections import Counter

import pytest
from service_world import CREDENTIALS, World, award
from sqlmodel import col, func, select

from matching.adapters.match_tables import MatchRow
from matching.adapters.partition_standing import catching_up
from matching.adapters.subject_tables import SubjectRow
from matching.application import settling
from matching.application.settling import BacklogLimit

CROWD, BACKLOG = 40, 4


@pytest.fixture(params=[1, 1000], ids=["absorbed", "held"])
async def crowd(world: World, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> World:
    """Forty learners wait for one opening, each better than the one before; they are read three at a time."""
    monkeypatch.setattr(settling, "BACKLOG_LIMIT", BacklogLimit(backlog=BACKLOG, most_held=request.param))
    await world.opening()
    await world.settle()
    await world.stop()
    for number in range(CROWD):
        await world.learner(f"l{number:02}", seeking_since=f"2026-{10 - number // 4:02}-{28 - number % 4}")
    await world.start(batch=3)
    return world


async def count(world: World, table: type[SubjectRow] | type[MatchRow]) -> int:
    async with world.store.reading() as session:
        return (await session.exec(select(func.count()).select_from(table))).one()


async def live(world: World) -> int:
    async with world.store.reading() as session:
        return (await session.exec(select(func.count()).select_from(MatchRow).where(col(MatchRow.live)))).one()


async def rounds(world: World, number: int) -> None:
    for _ in range(number):
        for loop in world.loops:
            await loop.round()


async def test_only_matches_that_remain_are_proposed_except_for_the_last_who_come(crowd: World) -> None:
    told = Counter(kind for kind, *_ in await crowd.news())
    assert 0 < await live(crowd) < CROWD - BACKLOG
    assert told["proposed"] - told["withdrawn"] == await live(crowd)
    assert told["withdrawn"] <= BACKLOG


async def test_subjects_are_stored_at_once_and_marked_as_not_settled(crowd: World) -> None:
    await rounds(crowd, 6)
    assert 3 <= await count(crowd, SubjectRow) < CROWD
    assert await count(crowd, MatchRow) == 0
    async with crowd.store.reading() as session:
        assert len(await catching_up(session)) == 1
    await crowd.settle()
    async with crowd.store.reading() as session:
        assert await catching_up(session) == []


async def test_the_next_owner_settles_what_a_dead_one_had_taken(crowd: World) -> None:
    """Guards: the next owner finds offsets past records that were not settled."""
    await rounds(crowd, 6)
    await crowd.stop()
    await crowd.start("matching-2")
    assert Counter(kind for kind, *_ in await crowd.news())["proposed"] >= await live(crowd) > 0


async def test_results_are_not_held_back_for_ever(crowd: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settling, "BACKLOG_LIMIT", BacklogLimit(backlog=BACKLOG, longest=9))
    for _ in range(CROWD):
        if await count(crowd, MatchRow):
            break
        await rounds(crowd, 1)
    assert await count(crowd, MatchRow) > 0
    assert await count(crowd, SubjectRow) < CROWD


async def test_a_market_that_does_not_double_is_brought_up_to_date(crowd: World) -> None:
    await crowd.news()
    listed = await live(crowd)
    for number in range(CROWD - 12, CROWD):
        await crowd.learner(f"l{number:02}", award(CREDENTIALS[0], status="revoked"))
    told = Counter((kind, *reason) for kind, _, _, *reason in await crowd.news())
    assert told.keys() == {("withdrawn", "credential_lapsed"), ("proposed",)}
    assert await live(crowd) == listed

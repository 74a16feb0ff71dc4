"""A release with another table of places: learners are announced to the regions that they now reach."""

from sqlmodel import col, update

from learners.adapters.tables import LearnerRow
from learners.adapters.unit_of_work import LearnersUnitsOfWork
from learners.entrypoints.sweeps import ReachSweep
from makersync.runtime.service import Context
from reference.places import load_places

from .conftest import Caller, Published
from .samples import YORK_REGION, accepted, refused, register


async def test_learners_are_announced_to_the_regions_of_the_new_table(
    york: Caller, context: Context, published: Published
) -> None:
    moved, stays, lost = [await register(york) for _ in range(3)]
    async with context.store.transaction() as session:
        for learner_id, old in ((moved, {"regions": ["29540"]}), (lost, {"zip": "00000"})):
            await session.exec(update(LearnerRow).where(col(LearnerRow.learner_id) == learner_id).values(**old))
    again = ReachSweep(context.store, LearnersUnitsOfWork(context.outbox, context.clock, load_places()))
    for _ in range(3):
        await again.step()
    read = accepted(await york.get(f"/v1/learners/{moved}"))
    assert (read["regions"], read["version"]) == ([YORK_REGION], 2)
    assert accepted(await york.get(f"/v1/learners/{stays}"))["version"] == 1
    told = [(event.type.rpartition(".")[2], event.partitionkey) for event in (await published.events())[3:]]
    assert sorted(told) == [("LearnerRevised", YORK_REGION), ("LearnerWithdrawn", "29540")]


async def test_a_learner_whom_the_table_has_lost_is_withdrawn_with_the_next_change_and_comes_back_with_a_new_place(
    york: Caller, context: Context, published: Published
) -> None:
    """Guards: a withdrawal of consent was answered with 500, and no reader could have placed its event."""
    learner_id = await register(york, consents_to_matching=True)
    path = f"/v1/learners/{learner_id}"
    async with context.store.transaction() as session:
        await session.exec(update(LearnerRow).where(col(LearnerRow.learner_id) == learner_id).values(zip="00000"))
    assert accepted(await york.get(path))["region"] == YORK_REGION
    accepted(await york.change("PUT", f"{path}/consent", 1, {"consents_to_matching": False}))
    accepted(await york.change("PATCH", path, 2, {"seeking": False}))
    assert refused(await york.change("PATCH", path, 3, {"reach_km": 9}), 422) == [("zip", "unknown")]
    accepted(await york.change("PATCH", path, 3, {"zip": "17401"}))
    kinds = ["LearnerRegistered", "LearnerWithdrawn", "LearnerWithdrawn", "LearnerRevised"]
    assert await published.told(YORK_REGION) == [(kind, version) for version, kind in enumerate(kinds, 1)]


async def test_a_learner_of_an_earlier_table_stays_and_nobody_moves_there(york: Caller, context: Context) -> None:
    """Guards: matching could not load a market in which a learner's ZIP code means nothing."""
    learner_id = await register(york)
    path = f"/v1/learners/{learner_id}"
    assert refused(await york.change("PATCH", path, 1, {"zip": "96898"}), 422) == [("zip", "unknown")]
    async with context.store.transaction() as session:
        old = {"zip": "96898", "region": "46520", "regions": ["46520"]}
        await session.exec(update(LearnerRow).where(col(LearnerRow.learner_id) == learner_id).values(**old))
    narrowed = accepted(await york.change("PATCH", path, 1, {"reach_km": 9}))
    assert (narrowed["zip"], narrowed["region"], narrowed["regions"]) == ("96898", "46520", ["46520"])

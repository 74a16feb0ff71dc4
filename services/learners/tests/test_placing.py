"""A release whose table of places is another: every market hears where its learners are now."""

from sqlmodel import col, update

from learners.adapters.desks import Desks
from learners.adapters.tables import LearnerRow
from learners.entrypoints.replacing import PlaceAgain
from makersync.places import load_places
from makersync.runtime.service import Context

from .conftest import Caller, Published
from .samples import YORK_REGION, accepted, register


async def test_learners_are_told_to_the_regions_that_they_reach_by_the_new_table(
    york: Caller, context: Context, published: Published
) -> None:
    moved, stays, lost = [await register(york) for _ in range(3)]
    async with context.store.transaction() as session:
        for learner_id, old in ((moved, {"regions": ["29540"]}), (lost, {"zip": "96898"})):
            await session.exec(update(LearnerRow).where(col(LearnerRow.learner_id) == learner_id).values(**old))
    again = PlaceAgain(context.store, Desks(context.outbox, context.clock, load_places()))
    for _ in range(3):
        await again.step()
    read = accepted(await york.get(f"/v1/learners/{moved}"))
    assert (read["regions"], read["version"]) == ([YORK_REGION], 2)
    assert accepted(await york.get(f"/v1/learners/{stays}"))["version"] == 1
    told = [(event.type.rpartition(".")[2], event.partitionkey) for event in (await published.events())[3:]]
    assert sorted(told) == [("LearnerRevised", YORK_REGION), ("LearnerWithdrawn", "29540")]

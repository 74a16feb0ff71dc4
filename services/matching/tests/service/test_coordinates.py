"""An event whose coordinates or owner disagree changes nothing, and is set aside with the reason (docs/decisions/0030)."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from service_world import CREDENTIALS, REGION, ZIP, World
from sqlmodel import col, select

from contracts.topics import CATALOG, OPENING
from makersync.broker.port import Outgoing
from makersync.store.tables import DeadLetterRow

#: A ZIP near ZIP, in another region by today's table.
ELSEWHERE = "44067"
Says = Callable[[World], Awaitable[Any]]


async def reasons(world: World) -> list[str]:
    query = select(DeadLetterRow.reason).order_by(col(DeadLetterRow.id))
    async with world.store.reading() as session:
        return list((await session.exec(query)).all())


async def _another_employer(world: World) -> None:
    await world.opening(employer_id="rivals", kind="OpeningClosed", status="closed")


async def _another_provider(world: World) -> None:
    await world.learner(provider_id="rivals", seeking=False)


async def _anothers_id(world: World) -> None:
    job = {"opening_id": "job", "employer_id": "works", "region": REGION, "title": "x", "zip": ZIP, "positions": 1}
    await world.say(OPENING, "OpeningClosed", "other", job | {"status": "closed"})


async def _another_definition(world: World) -> None:
    definition = {"id": CREDENTIALS[0], "name": "x", "issuer": "y"}
    await world.say(CATALOG, "CredentialDefined", f"competency/{CREDENTIALS[0]}", definition)


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        (_another_employer, "wrong_owner"),
        (_another_provider, "wrong_owner"),
        (_anothers_id, "wrong_subject"),
        (_another_definition, "wrong_subject"),
    ],
)
async def test_a_contradictory_event_closes_no_opening_and_withdraws_no_learner(world: World, says: Says, reason: str) -> None:
    """Guards: an event of one employer that closed another's opening."""
    await world.opening()
    await world.learner()
    assert await world.news() == [("proposed", "job", "ann")]
    await says(world)
    assert (await world.news(), await reasons(world)) == ([], [reason])


async def test_a_closed_opening_still_belongs_to_its_employer(world: World) -> None:
    """Guards: the market keeps little of a settled opening that is not live, and another employer's event reopened it."""
    await world.opening()
    await world.learner()
    await world.opening(kind="OpeningClosed", status="closed")
    await world.settle()
    await world.events()
    await world.opening(kind="OpeningReopened", employer_id="rivals")
    assert (await world.news(), await reasons(world)) == ([], ["wrong_owner"])
    await world.opening(kind="OpeningReopened")
    assert await world.news() == [("proposed", "job", "ann")]


async def test_an_opening_whose_zip_a_newer_table_puts_elsewhere_is_read_to_its_end(world: World) -> None:
    """Guards: its end was set aside, so that it was shown for ever; and a process that had stored it could not start."""
    await world.opening(zip=ELSEWHERE)
    await world.learner()
    assert await world.news() == [("proposed", "job", "ann")]
    await world.stop()
    await world.start()
    await world.opening(kind="OpeningClosed", status="closed", zip=ELSEWHERE)
    assert (await world.news(), await reasons(world)) == ([("withdrawn", "job", "ann", "opening_closed")], [])


async def test_a_place_and_no_place_are_told_apart(world: World) -> None:
    """A job that is done anywhere has a region of its own, and no other job is in it."""
    await world.opening(zip=None, remote=True)
    await world.opening("another", region="remote")
    assert (await world.news(), len(await reasons(world))) == ([], 2)


async def test_an_owner_is_known_within_the_batch_that_brings_the_subject(world: World) -> None:
    await world.opening()
    await world.learner()
    await _another_employer(world)
    await _another_provider(world)
    assert (await world.news(), sorted(await reasons(world))) == ([("proposed", "job", "ann")], ["wrong_owner"] * 2)


async def test_a_record_in_the_wrong_partition_is_not_taken(world: World) -> None:
    """Guards: a market that two instances hold in part."""
    await world.opening()
    await world.learner()
    await world.news()
    [record] = world.broker.records(OPENING.name)
    elsewhere = (record.partition + 1) % world.context.settings.partitions
    later = (record.value or b"").replace(b'"status":"open"', b'"status":"closed"').replace(b"0001", b"0002")
    world.broker.append([Outgoing(OPENING.name, elsewhere, record.key or b"", later)])
    assert (await world.news(), await reasons(world)) == ([], ["wrong_partition"])

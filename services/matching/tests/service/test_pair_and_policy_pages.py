"""One pair explained on a page, and the policy tried and applied."""

import re

import pytest
from service_world import World
from sqlmodel import select
from visits import operator_of, visitor_of

from makersync.store.tables import AuditRow
from matching.adapters.market_file.rules_file import InvalidRules
from matching.adapters.policy_repository import policy_in_use
from matching.domain.market.policy import Policy
from matching.entrypoints.policy_pages import rules_problem

PAIR, POLICY = "/pairs?opening=job&learner=ann", "/policy"


async def live(world: World) -> Policy:
    async with world.store.reading() as session:
        return (await policy_in_use(session)).policy


def numbers(**changed: object) -> dict[str, str]:
    return {name: str(each) for name, each in (Policy().to_dict() | changed).items()}


async def test_a_pair_is_explained_with_what_was_last_published(world: World) -> None:
    await world.opening()
    await world.learner("ann")
    await world.settle()
    async with operator_of(world) as operator:
        page = await operator.open(PAIR)
        unknown = await operator.open("/pairs?opening=job&learner=nobody")
        empty = await operator.open("/pairs")
    assert page.status_code == 200 and "Qualified" in page.text and "out_of_reach" in page.text
    assert "rank 1 of 1" in page.text and "As it was last published" in page.text and "version 1" in page.text
    assert (unknown.status_code, empty.status_code) == (404, 200)


async def test_a_policy_is_tried_before_it_is_applied(world: World) -> None:
    await world.opening()
    for learner in ("ann", "bob"):
        await world.learner(learner)
    await world.settle()
    other = numbers(shortlist_min=1, shortlist_per_position=1)
    async with operator_of(world) as operator:
        assert "Policy 1" in (await operator.open(POLICY)).text
        tried = await operator.send(f"{POLICY}/try", **other)
        assert tried.status_code == 200 and "What would change" in tried.text and "shortlist min: 10 becomes 1" in tried.text
        assert re.findall(r'data-label="Lost">(\d+)', tried.text) == ["1", "1"]
        assert (await live(world)).version == 1, "trying changes nothing"
        applied = await operator.send(f"{POLICY}/apply", **other)
        assert (applied.status_code, applied.headers["location"]) == (303, f"{POLICY}?done=applied")
        assert "Policy 2" in (await operator.open(POLICY)).text
    assert (await live(world)).shortlist_min == 1
    async with world.store.reading() as session:
        noted = (await session.exec(select(AuditRow).where(AuditRow.action == "policy_applied"))).one()
    assert noted.actor.startswith("mem_") and noted.detail["shortlist_min"] == [10, 1]


async def test_who_began_with_an_older_policy_applies_nothing(world: World) -> None:
    """Guards: the second of two operators would undo what the first has applied, unseen."""
    async with operator_of(world) as operator:
        await operator.open(POLICY)
        assert (await operator.send(f"{POLICY}/apply", **numbers(shortlist_min=1))).status_code == 303
        late = await operator.send(f"{POLICY}/apply", **numbers(shortlist_max=200))
    assert late.status_code == 409 and "Policy 2 is live by now" in late.text and 'value="200"' in late.text
    assert (await live(world)).version == 2


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"shortlist_min": "many"}, "must be a whole number"),
        ({"weight_preferred": "0"}, "10000"),
        ({}, "no number differs"),
    ],
)
async def test_bad_numbers_are_named_and_stay_typed(world: World, changed: dict[str, str], said: str) -> None:
    async with operator_of(world) as operator:
        await operator.open(POLICY)
        for step in ("try", "apply"):
            answer = await operator.send(f"{POLICY}/{step}", **numbers(**changed))
            assert answer.status_code == 422 and said in answer.text
            assert all(f'value="{each}"' in answer.text for each in changed.values())
    assert (await live(world)).version == 1


async def test_every_bad_number_is_named(world: World) -> None:
    """Guards: whoever has typed two wrong numbers would learn of the second one after mending the first."""
    async with operator_of(world) as operator:
        await operator.open(POLICY)
        for wrong in ("many", "999999999"):
            both = {"shortlist_min": wrong, "shortlist_max": wrong}
            answer = await operator.send(f"{POLICY}/try", **numbers(**both))
            assert answer.status_code == 422
            assert set(re.findall(r'id="([a-z_]+)-error"', answer.text)) == set(both)


def test_rules_that_are_refused_without_a_reason_are_no_fault_of_the_server() -> None:
    problem = rules_problem(InvalidRules([]))
    assert problem is not None and problem.status == 422


async def test_nobody_else_sees_or_applies_anything(world: World) -> None:
    async with visitor_of(world) as visitor:
        assert [(await visitor.open(path)).status_code for path in (PAIR, POLICY)] == [303, 303]
        assert (await visitor.send(f"{POLICY}/apply", **numbers(shortlist_min=1))).status_code == 401
    assert (await live(world)).version == 1

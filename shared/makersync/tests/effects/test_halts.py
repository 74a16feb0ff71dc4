"""DESIGN, exactly-once effects, 6: too many dead letters halt a partition until an operator has decided."""

import pytest
from sqlmodel import select

from makersync.effects.dead_letters import DISMISSED, REQUESTED
from makersync.effects.fence import Standing
from makersync.effects.halts import halts, request_resume
from makersync.store.tables import AuditRow

from .toy_services import JoinWork
from .toy_world import World, drain, work_off
from .toys import ANN, LEFT, LEFT_HALF, RIGHT_HALF, outgoing, pass_time
from .unreadable import BOB, EVE, operator_says, poison, statuses


async def test_a_partition_halts_above_the_limit_and_the_others_continue(world: World) -> None:
    """Guards: the limit. A faulty writer must not fill the table with a whole topic; no record after the halt is lost."""
    loop = world.loop(dead_letter_limit=2)
    world.write(poison(), poison(version=2), outgoing(LEFT_HALF, BOB, 1), poison(version=3), outgoing(LEFT_HALF, BOB, 2))
    world.write(outgoing(LEFT_HALF, EVE, 1))
    await drain(loop)
    [told] = loop.standing_still
    assert told.startswith(f"pairs partition 0 of {LEFT.name}: more than 2 records, and 10% of what was read of {LEFT.name}")
    assert await statuses(world) == ["open", "open"]
    assert sorted(await world.ledger()) == sorted([(LEFT_HALF, BOB, 1), (LEFT_HALF, EVE, 1)])
    world.write(outgoing(LEFT_HALF, EVE, 2))
    await drain(loop)
    assert (LEFT_HALF, EVE, 2) in await world.ledger()


async def test_a_new_owner_of_a_halted_partition_halts_too(world: World) -> None:
    """Guards: halts are in the database. A restart is not a decision."""
    world.write(poison(), poison(version=2))
    await work_off(world, dead_letter_limit=1)
    loop = await work_off(world, dead_letter_limit=1)
    assert (list(loop.held[0].halts), await statuses(world)) == ([LEFT.name], ["open"])


@pytest.mark.parametrize("decision", [DISMISSED, REQUESTED])
async def test_a_decision_on_a_dead_letter_resumes_a_halted_partition(world: World, decision: str) -> None:
    """Guards: after a decision the operator need not restart anything."""
    loop = world.loop(dead_letter_limit=1)
    world.write(poison(key=BOB), poison(), outgoing(LEFT_HALF, ANN, 2))
    await drain(loop)
    assert list(loop.held[0].halts) == [LEFT.name]
    await operator_says(world, decision)
    await drain(loop)
    assert await world.ledger() == [(LEFT_HALF, ANN, 2)]
    assert (await statuses(world))[1:] == ["superseded"]


@pytest.mark.parametrize("decision", [DISMISSED, REQUESTED])
async def test_a_topic_stays_halted_until_every_dead_letter_is_decided_and_the_others_continue(
    world: World, decision: str
) -> None:
    """Guards: unreadable records on one topic delay neither other topics nor due work."""
    loop = world.loop(dead_letter_limit=2)
    world.write(*[poison(version=version) for version in range(1, 5)], outgoing(RIGHT_HALF, BOB, 1))
    await drain(loop)
    await operator_says(world, decision)
    await drain(loop)
    first = "dismissed" if decision == DISMISSED else "open"
    assert (list(loop.held[0].halts), await statuses(world)) == ([LEFT.name], [first, "open"])
    world.write(outgoing(RIGHT_HALF, BOB, 2))
    await drain(loop)
    assert await world.ledger() == [(RIGHT_HALF, BOB, 1), (RIGHT_HALF, BOB, 2)]
    loop.held[0]._work.standing = Standing(policy_version=3)  # type: ignore[attr-defined]
    await drain(loop)
    assert loop.held[0].hold.standing.policy_version == 3


async def test_an_operator_resumes_a_halted_topic(world: World) -> None:
    """Guards: `resume` works whichever process holds the partition; the window starts again, and the dead letters stay open."""
    loop = world.loop(dead_letter_limit=1)
    world.write(poison(), poison(version=2), outgoing(LEFT_HALF, BOB, 1))
    await drain(loop)
    async with world.store.transaction() as session:
        [halt] = await request_resume(session, world.clock, "olga", "the writer is fixed", "pairs", 0)
    assert (halt.consumer, halt.partition, halt.topic) == ("pairs", 0, LEFT.name)
    await drain(loop)
    assert (loop.standing_still, await statuses(world)) == ([], ["open", "open"])
    assert await world.ledger() == [(LEFT_HALF, BOB, 1)]
    async with world.store.reading() as session:
        [line] = (await session.exec(select(AuditRow))).all()
        assert await halts(session) == []
    assert (line.actor, line.action, line.subject) == ("olga", "partition.resumed", "pairs/0")
    assert line.detail["because"] == "the writer is fixed"


async def test_a_small_share_of_dead_letters_halts_no_partition(world: World) -> None:
    """Guards: a limit on the share. One permanently broken subject must not stop a labour market."""
    loop = world.loop(dead_letter_limit=2, dead_letter_share=0.4)
    for version in range(1, 6):
        world.write(poison(version=version), *[outgoing(LEFT_HALF, BOB, 3 * version + n) for n in range(3)])
    await drain(loop)
    assert (loop.standing_still, await statuses(world)) == ([], ["open"] * 5)


async def test_dead_letters_before_the_window_halt_no_partition(world: World) -> None:
    """Guards: old undecided dead letters do not count forever."""
    loop = world.loop(dead_letter_limit=1, dead_letter_window_s=60.0)
    for version in range(1, 5):
        world.write(poison(version=version))
        await drain(loop)
        pass_time(world.clock, 61)
    assert (loop.standing_still, await statuses(world)) == ([], ["open"] * 4)


async def test_an_operator_resumes_a_partition_number_that_failed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: a failure that no record caused waits for an operator, is visible in every process, and needs no restart."""

    async def fail(_work: JoinWork, _session: object, _hold: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(JoinWork, "load", fail)
    loop = world.loop()
    world.write(outgoing(LEFT_HALF, ANN, 1))
    await drain(loop)
    monkeypatch.undo()
    await drain(loop)
    assert sorted(loop.halted) == [0, 1, 2, 3]
    async with world.store.transaction() as session:
        assert len(await request_resume(session, world.clock, "olga", "fixed")) == 4
    await drain(loop)
    assert (loop.standing_still, await world.ledger()) == ([], [(LEFT_HALF, ANN, 1)])
    async with world.store.reading() as session:
        assert await halts(session) == []

"""DESIGN, exactly-once effects, 10: a version that the store did not write is covered, or reported until it is passed."""

import json
from dataclasses import replace

import orjson
import pytest

from makersync.broker.port import Outgoing
from makersync.effects.agreement import BEHIND_LOG
from makersync.effects.auditor import Auditor
from makersync.effects.divergence import find_divergences
from makersync.effects.reconciling import adopt
from makersync.effects.relay import Relay
from makersync.envelope import encode_sequence

from .auditing import FOREIGN, OWN, ahead, census, compared, go_above, publish_versions
from .toy_world import World
from .toys import ANN, BOB, LEFT, LEFT_HALF, PAIR, PARTITIONS, RIGHT, at, outgoing


async def test_a_record_with_an_impossible_version_is_covered_by_the_newest_event(world: World, relay: Relay) -> None:
    """Guards: a foreign version of 2^63 - 1, which could not be reconciled in either way. No reader applies it, so the newest
    event covers it."""
    await publish_versions(world, relay, ANN, 2)
    event = outgoing(LEFT_HALF, ANN, 3)
    last = event.value.replace(encode_sequence(3).encode(), encode_sequence(2**63 - 1).encode())
    world.write(replace(event, value=last))
    assert await compared(world) == 0
    assert (await find_divergences(world.store, world.broker, [LEFT, RIGHT, PAIR], PARTITIONS)).cases == ()
    assert await census(Auditor(world.owner(), world.broker, OWN)) == 1
    assert await world.waiting() == [(ANN, 2)]


async def test_a_store_that_adopted_a_foreign_encoding_agrees(world: World, relay: Relay) -> None:
    """Guards: a script's event with spaces and in another order of fields. It was reconciled and still reported as ahead."""
    await publish_versions(world, relay, ANN, 2)
    event = orjson.loads(outgoing(LEFT_HALF, ANN, 7).value)
    spelled = json.dumps(dict(sorted(event.items()))).encode()
    world.write(Outgoing(LEFT.name, 0, ANN.encode(), spelled))
    assert await compared(world) == 1
    [case] = (await find_divergences(world.store, world.broker, [LEFT, RIGHT, PAIR], PARTITIONS)).cases
    async with world.store.transaction() as session:
        await adopt(session, world.clock, case)
    assert await compared(world) == 0
    assert await world.conditions() == []


@pytest.mark.parametrize("foreign", [4, FOREIGN, 3])
async def test_a_foreign_version_is_covered_and_raises_an_alarm(world: World, relay: Relay, foreign: int) -> None:
    """Guards: readers keep the foreign version as the newest and ignore the service's events until their versions are above it.
    Version 3 is one that the service published too, with another event."""
    auditor = Auditor(world.owner(), world.broker, OWN)
    await publish_versions(world, relay, ANN, 3)
    await census(auditor)
    world.write(outgoing(LEFT_HALF, ANN, foreign))
    await world.halves.set(LEFT_HALF, BOB, 1)
    for _ in range(3):
        await census(auditor)
        await relay.publish_batch(100)
    assert world.versions(LEFT, ANN) == [1, 2, 3, foreign, 3]
    assert await world.waiting() == [(BOB, 1)]
    [condition] = await world.conditions()
    assert (condition.name, condition.remedy) == (BEHIND_LOG, "Run `makersync reconcile toys`")
    # Compaction removes the foreign record; the store must still remember it.
    world.broker.drop_before(at(LEFT_HALF, 0), 4)
    await compared(world)
    await census(auditor)
    assert await ahead(world) == [(ANN, foreign)]
    await go_above(world, ANN, foreign + 1)
    await census(auditor)
    assert await world.conditions() == []
    await relay.publish_batch(100)
    assert world.versions(LEFT, ANN)[-1] == foreign + 1


async def test_the_next_auditor_covers_what_the_last_one_left_uncovered(
    world: World, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Auditor(world.owner(), world.broker, OWN)
    await publish_versions(world, relay, ANN, 3)
    await census(first)
    world.write(outgoing(LEFT_HALF, ANN, FOREIGN))
    with monkeypatch.context() as patched:
        patched.setattr(Auditor, "_cover", lambda *_: None)
        await first.step(0.0)
    second = Auditor(world.owner(), world.broker, OWN)
    await census(second)
    await relay.publish_batch(100)
    assert world.versions(LEFT, ANN) == [1, 2, 3, FOREIGN, 3]
    assert second.repaired == 1


async def test_a_foreign_version_written_while_no_auditor_ran_raises_an_alarm(world: World, relay: Relay) -> None:
    """Guards: it cannot be distinguished from a version that a restored store has lost, so it is not covered before an operator
    has decided."""
    await publish_versions(world, relay, ANN, 3)
    world.write(outgoing(LEFT_HALF, ANN, FOREIGN))
    assert await compared(world) == 1
    auditor = Auditor(world.owner(), world.broker, OWN)
    for _ in range(2):
        await census(auditor)
        await relay.publish_batch(100)
    assert world.versions(LEFT, ANN) == [1, 2, 3, FOREIGN]
    await go_above(world, ANN, FOREIGN + 1)
    await census(auditor)
    await relay.publish_batch(100)
    assert world.versions(LEFT, ANN)[-1] == FOREIGN + 1

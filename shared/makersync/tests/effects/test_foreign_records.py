"""DESIGN, exactly-once effects, 2: what others write into a topic is covered by the newest event, or counted and ignored."""

import pytest
from structlog.testing import capture_logs

from makersync.broker.port import Outgoing
from makersync.effects.auditor import Auditor
from makersync.effects.owner import Owner
from makersync.effects.relay import Relay
from makersync.envelope import decode

from .auditing import OWN, census, publish_versions
from .toy_world import World
from .toys import ANN, BOB, LEFT, LEFT_HALF, REGIONS, outgoing

GARBAGE = [None, b"", b"not json", b"{}", b'{"sequence":"0000000000000000009"}']


@pytest.mark.parametrize("value", [*GARBAGE, "another's", "stale"])
async def test_any_last_record_but_the_newest_event_is_covered_once(
    world: World, relay: Relay, auditor: Auditor, value: bytes | str | None
) -> None:
    """Guards: the delete button of a console. Compaction would keep a null under the key of a live subject, and finally
    nothing."""
    await publish_versions(world, relay, ANN, 3)
    await publish_versions(world, relay, BOB, 1)
    world.write(_strange(world, value))
    for _ in range(3):
        await census(auditor)
        await relay.publish_batch(10)
    assert world.broker.records(LEFT.name)[-1 - len(world.versions(LEFT, BOB))].key == ANN.encode()
    assert _last_readable(world, ANN) == 3
    assert (auditor.repaired, await world.waiting(), await world.conditions()) == (1, [], [])


@pytest.mark.parametrize("value", [*GARBAGE, "another's", "stale"])
async def test_a_record_written_while_no_auditor_ran_is_covered_too(
    world: World, relay: Relay, value: bytes | str | None
) -> None:
    """Guards: a later auditor's census finds it, and the next census finds nothing to repair."""
    await publish_versions(world, relay, ANN, 3)
    world.write(_strange(world, value))
    for repaired in (1, 0):
        later = Auditor(world.owner(), world.broker, OWN)
        await census(later)
        await relay.publish_batch(10)
        assert later.repaired == repaired
    assert _last_readable(world, ANN) == 3


def _strange(world: World, value: bytes | str | None) -> Outgoing:
    if value == "stale":
        return world.twin(LEFT, ANN, 1)
    if value == "another's":
        value = outgoing(LEFT_HALF, f"{REGIONS[0]}/eve", 9).value
    return Outgoing(LEFT.name, 0, ANN.encode(), value)  # type: ignore[arg-type]


def _last_readable(world: World, key: str) -> int:
    last = [record for record in world.broker.records(LEFT.name) if record.key == key.encode()][-1]
    return decode(last.value).version


async def test_foreign_records_do_not_disturb_the_auditor(world: World, relay: Relay) -> None:
    """Guards: a record under a malformed key, or in another partition than its key's, is counted and otherwise ignored."""
    owner = world.owner()
    auditor = Auditor(owner, world.broker, OWN)
    await publish_versions(world, relay, ANN, 1)
    far = outgoing(LEFT_HALF, ANN, 9)
    eve = f"{REGIONS[0]}/eve".encode()
    world.write(
        Outgoing(LEFT.name, 0, eve, b"not json"),
        Outgoing(LEFT.name, 1, far.key, far.value),
        Outgoing(LEFT.name, 2, ANN.encode(), b"not json"),
    )
    for _ in range(2):
        assert await census(auditor) == 0
    assert (await world.waiting(), await world.conditions()) == ([], [])
    counted = {reason: _foreign(owner, reason) for reason in ("not_json", "wrong_partition")}
    assert counted == {"not_json": 1, "wrong_partition": 2}


async def test_thousands_of_unreadable_records_are_counted_and_logged_rarely(world: World, relay: Relay) -> None:
    """Guards: one log line for each record that a script writes."""
    owner = world.owner()
    world.write(*[Outgoing(LEFT.name, 0, ANN.encode(), b"not json")] * 50)
    with capture_logs() as lines:
        await Auditor(owner, world.broker, OWN).step(0.0)
    assert [line["event"] for line in lines] == ["foreign_record"]
    assert _foreign(owner, "not_json") == 50


def _foreign(owner: Owner, reason: str) -> float:
    return owner.metrics.registry.get_sample_value("makersync_foreign_records_total", {"reason": reason}) or 0.0

"""DESIGN, exactly-once effects, 6: unreadable records are set aside, superseded, replayed or dismissed, and never dropped."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from msgspec import structs
from sqlmodel import col, select

from makersync.broker.port import Outgoing
from makersync.effects.consumer import ConsumerLoop
from makersync.effects.dead_letters import DISMISSED, REQUESTED, forget_closed
from makersync.effects.fence import Standing
from makersync.effects.halts import halts, request_resume
from makersync.effects.letter_decisions import Decision, decide
from makersync.effects.reading import Reader, Reading
from makersync.envelope import LARGEST_VERSION, Envelope, Event, decode, encode, encode_sequence
from makersync.store.database import DatabaseAway
from makersync.store.tables import AuditRow, DeadLetterRow, FenceRow, OutboxRow

from .toy_services import READERS, HalfRead, JoinWork
from .toy_world import World, drain, work_off
from .toys import LEFT, LEFT_HALF, PAIR, REGIONS, RIGHT, RIGHT_HALF, envelope, outgoing, pass_time

ANN, BOB = f"{REGIONS[0]}/ann", f"{REGIONS[0]}/bob"
EVE = f"{REGIONS[1]}/eve"


def changed(**fields: Any) -> Callable[[Event], bytes]:
    return lambda event: encode(structs.replace(event, **fields))


POISON: dict[str, Callable[[Event], bytes | None]] = {
    "null_record": lambda _event: None,
    "not_json": lambda event: encode(event)[:-1],
    "not_an_envelope": lambda _event: b'{"specversion": "1.0"}',
    "version_too_high": changed(sequence=encode_sequence(LARGEST_VERSION + 1)),
    "unknown_type": changed(type="halves.HalfDoubled"),
    "unknown_version": changed(dataschema="urn:makersync:schema:halves.left:2"),
    "wrong_key": changed(partitionkey=REGIONS[3]),
    "breaks_contract": changed(data={"subject": "ann", "value": "much"}),
    "wrong_subject": changed(data={"subject": "bob", "value": 1}),
}


def poison(reason: str = "not_json", key: str = ANN, version: int = 1, side: str = LEFT_HALF) -> Outgoing:
    """A record of the key that is unreadable for this reason."""
    good = outgoing(side, key, version)
    return replace(good, value=POISON[reason](envelope(side, key, version)))  # type: ignore[arg-type]


async def letters(world: World) -> list[DeadLetterRow]:
    async with world.store.reading() as session:
        return list((await session.exec(select(DeadLetterRow).order_by(col(DeadLetterRow.id)))).all())


async def statuses(world: World) -> list[str]:
    return [row.status for row in await letters(world)]


async def operator_says(world: World, status: str, place: int = 0) -> None:
    """Decides as `makersync dead-letters` does."""
    row = (await letters(world))[place]
    async with world.store.transaction() as session:
        assert await decide(session, world.clock, [row.id or 0], Decision(status, "olga"))  # type: ignore[arg-type]


@pytest.mark.parametrize("reason", POISON)
async def test_a_record_that_cannot_be_read_is_set_aside_with_its_reason_and_coordinates(world: World, reason: str) -> None:
    """Guards: each way in which a record can be unreadable has a name, and the following records are processed."""
    bad = poison(reason)
    world.write(outgoing(LEFT_HALF, BOB, 1), bad, outgoing(LEFT_HALF, EVE, 1))
    await work_off(world)
    [letter] = await letters(world)
    assert (letter.reason, letter.status, letter.consumer, letter.log_id) == (reason, "open", "pairs", "log-1")
    assert (letter.topic, letter.partition, letter.offset) == (LEFT.name, 0, 1)
    assert (letter.key, letter.payload, letter.seen_at) == (bad.key, bad.value, world.clock.now())
    assert await world.ledger() == [(LEFT_HALF, BOB, 1), (LEFT_HALF, EVE, 1)]


async def test_a_dead_letter_and_the_effects_of_its_batch_are_one_transaction(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guards: the dead letter is written in the transaction that moves the offset. A crash before the commit leaves neither."""

    async def fail(_work: JoinWork) -> None:
        raise DatabaseAway("simulated")

    monkeypatch.setattr(JoinWork, "before_write", staticmethod(fail))
    world.write(poison(), outgoing(LEFT_HALF, BOB, 1))
    loop = world.loop()
    with pytest.raises(DatabaseAway):
        await drain(loop)
    assert await letters(world) == []
    monkeypatch.undo()
    await drain(loop)
    assert (await statuses(world), await world.ledger()) == (["open"], [(LEFT_HALF, BOB, 1)])


async def test_an_unreadable_record_that_is_read_again_is_the_same_dead_letter(world: World) -> None:
    """Guards: coordinates are unique, and an operator's decision stays in force."""
    world.write(poison(), poison(key=BOB))
    await work_off(world)
    await operator_says(world, DISMISSED, 1)
    async with world.store.transaction() as session:
        for row in (await session.exec(select(FenceRow))).all():
            row.offsets = {}
            session.add(row)
    loop = world.loop()
    await drain(loop)
    assert await statuses(world) == ["open", "dismissed"]
    assert sum(loop.held[0]._open.values()) == 1


async def test_a_dismissal_during_a_replay_is_kept(world: World) -> None:
    """Guards: a failed replay reopened a dead letter that an operator had just dismissed."""
    world.write(poison())
    loop = world.loop()
    await drain(loop)
    await operator_says(world, REQUESTED)
    [under_way] = await loop.held[0].requested()
    await operator_says(world, DISMISSED)
    assert not await loop.held[0].replay(under_way)
    assert await statuses(world) == [DISMISSED]


async def test_the_next_valid_event_of_the_key_supersedes_a_dead_letter(world: World) -> None:
    """Guards: events carry the whole state, so earlier records need no attention."""
    world.write(poison(), poison(key=BOB), poison(version=2))
    await work_off(world)
    world.write(outgoing(LEFT_HALF, ANN, 3))
    await work_off(world)
    assert await statuses(world) == ["superseded", "open", "superseded"]


async def test_an_event_supersedes_only_earlier_records_of_its_batch(world: World) -> None:
    world.write(poison(), outgoing(LEFT_HALF, ANN, 2), outgoing(LEFT_HALF, BOB, 1), poison(key=BOB, version=2))
    await work_off(world)
    assert await statuses(world) == ["superseded", "open"]


async def test_an_event_does_not_supersede_a_dead_letter_with_a_newer_version(world: World) -> None:
    """Guards: a stale copy after an unreadable newer state. The newer state is still missing."""
    world.write(outgoing(LEFT_HALF, ANN, 2), poison("breaks_contract", version=5), outgoing(LEFT_HALF, ANN, 4))
    await work_off(world)
    world.write(outgoing(LEFT_HALF, ANN, 3), outgoing(LEFT_HALF, ANN, 5))
    await work_off(world)
    assert await statuses(world) == ["open"]
    world.write(outgoing(LEFT_HALF, ANN, 6))
    await work_off(world)
    assert await statuses(world) == ["superseded"]


@pytest.mark.parametrize("apart", [True, False])
async def test_a_dead_letter_without_version_is_superseded_only_by_a_newer_event(world: World, apart: bool) -> None:
    """Guards: a stale or duplicate event proves nothing about the content of an unreadable record."""
    loop = world.loop()
    for record in (outgoing(LEFT_HALF, ANN, 4), poison(), outgoing(LEFT_HALF, ANN, 4), outgoing(LEFT_HALF, ANN, 3)):
        world.write(record)
        if apart:
            await drain(loop)
    await drain(loop)
    assert await statuses(world) == ["open"]
    world.write(outgoing(LEFT_HALF, ANN, 5))
    await drain(loop)
    assert await statuses(world) == ["superseded"]


async def test_a_valid_event_of_another_topic_supersedes_nothing(world: World) -> None:
    """Guards: the same key on another topic is another subject."""
    world.write(poison(), poison(side=RIGHT_HALF))
    await work_off(world)
    world.write(outgoing(RIGHT_HALF, ANN, 2))
    await work_off(world)
    assert [(row.topic, row.status) for row in await letters(world)] == [(LEFT.name, "open"), (RIGHT.name, "superseded")]


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
        [halt] = await request_resume(session, world.clock, "olga", "the writer is mended", "pairs", 0)
    assert (halt.consumer, halt.partition, halt.topic) == ("pairs", 0, LEFT.name)
    await drain(loop)
    assert (loop.standing_still, await statuses(world)) == ([], ["open", "open"])
    assert await world.ledger() == [(LEFT_HALF, BOB, 1)]
    async with world.store.reading() as session:
        [line] = (await session.exec(select(AuditRow))).all()
        assert await halts(session) == []
    assert (line.actor, line.action, line.subject) == ("olga", "partition.resumed", "pairs/0")
    assert line.detail["because"] == "the writer is mended"


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


async def test_dead_letters_of_a_halted_partition_can_be_replayed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: even of a partition number that could not be loaded. The replayed event may be what it needs."""
    loop = world.loop()
    world.write(poison("unknown_type"))
    await drain(loop)
    now_understood(loop)
    loop.halted[0] = "by hand"
    del loop._partitions.held[0]
    await operator_says(world, REQUESTED)
    await drain(loop)
    assert (await statuses(world), list(loop.halted)) == (["replayed"], [0])


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
        assert len(await request_resume(session, world.clock, "olga", "mended")) == 4
    await drain(loop)
    assert (loop.standing_still, await world.ledger()) == ([], [(LEFT_HALF, ANN, 1)])
    async with world.store.reading() as session:
        assert await halts(session) == []


def now_understood(loop: ConsumerLoop) -> None:
    """As after an upgrade: the consumer now knows the type `HalfDoubled`."""
    models: dict[str, type[Reading]] = {**READERS[LEFT.name].models, "HalfDoubled": HalfRead}
    readers = {**READERS, LEFT.name: Reader(LEFT, models)}
    loop._consumer = replace(loop._consumer, readers=readers)
    loop._partitions.setup = replace(loop._partitions.setup, consumer=loop._consumer)
    for held in loop.held.values():
        held._consumer = held._batch_reader._consumer = loop._consumer


async def test_a_replay_keeps_the_events_id_and_version_and_is_audited(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: the replayed event is the original one, and the operator who requested it is recorded."""
    met: list[Envelope] = []
    prepare = JoinWork.prepare

    async def look(work: JoinWork, batch: Any, behind: int = 0) -> Any:
        met.extend(received.event for received in batch)
        return await prepare(work, batch, behind)

    monkeypatch.setattr(JoinWork, "prepare", look)
    loop, event = world.loop(), structs.replace(envelope(LEFT_HALF, ANN, 4), type="halves.HalfDoubled")
    world.write(replace(outgoing(LEFT_HALF, ANN, 4), value=encode(event)))
    await drain(loop)
    now_understood(loop)
    await operator_says(world, REQUESTED)
    await drain(loop)
    assert [(each.id, each.version) for each in met] == [(event.id, 4)]
    assert await world.ledger() == [(LEFT_HALF, ANN, 4)]
    [letter] = await letters(world)
    assert (letter.status, letter.resolved_by, letter.resolved_at) == ("replayed", "olga", world.clock.now())
    async with world.store.reading() as session:
        [line] = (await session.exec(select(AuditRow))).all()
    assert (line.actor, line.action, line.subject) == ("olga", "dead_letter.requested", str(letter.id))
    assert line.detail == {"consumer": "pairs", "topic": LEFT.name, "partition": 0, "offset": 0}


async def test_events_that_follow_from_a_replay_carry_no_origin_time(world: World) -> None:
    """Guards: otherwise the hours until an operator acted would count as latency."""
    loop, event = world.loop(), structs.replace(envelope(LEFT_HALF, ANN, 4), type="halves.HalfDoubled")
    world.write(outgoing(RIGHT_HALF, ANN, 1), replace(outgoing(LEFT_HALF, ANN, 4), value=encode(event)))
    await drain(loop)
    now_understood(loop)
    await operator_says(world, REQUESTED)
    await drain(loop)
    async with world.store.reading() as session:
        rows = (await session.exec(select(OutboxRow).where(OutboxRow.topic == PAIR.name).order_by(col(OutboxRow.id)))).all()
    came, replayed = (decode(row.payload) for row in rows)
    assert (came.origintime is None, replayed.origintime, replayed.causationid) == (False, None, event.id)


async def test_a_replay_of_a_record_that_is_still_unreadable_leaves_it_open(world: World) -> None:
    loop = world.loop()
    world.write(poison("unknown_type"))
    await drain(loop)
    await operator_says(world, REQUESTED)
    await drain(loop)
    [letter] = await letters(world)
    assert (letter.status, letter.reason, letter.resolved_by, letter.resolved_at) == ("open", "unknown_type", None, None)
    assert await world.ledger() == []


async def test_a_replay_of_an_older_version_changes_nothing(world: World) -> None:
    """Guards: versions decide, not the time of reading. The key has changed while the operator decided."""
    loop = world.loop()
    world.write(poison("unknown_type"), outgoing(LEFT_HALF, BOB, 1))
    await drain(loop)
    now_understood(loop)
    await operator_says(world, REQUESTED)
    world.write(outgoing(LEFT_HALF, ANN, 2, 22))
    await drain(loop)
    assert await world.pairs() == {ANN: (22, None), BOB: (1, None)}
    assert await world.ledger() == [(LEFT_HALF, BOB, 1), (LEFT_HALF, ANN, 2)]
    assert await statuses(world) == ["replayed"]


async def test_a_replay_by_a_fenced_owner_fails_completely(world: World) -> None:
    """Guards: a replay is fenced like any batch."""
    first, second = world.loop("one"), world.loop("two")
    world.write(poison("unknown_type"))
    await drain(first)
    now_understood(first)
    world.broker.expel(first._member)  # type: ignore[arg-type]
    await drain(second)
    await operator_says(world, REQUESTED)
    await first.round()
    assert (await statuses(world), await world.ledger(), 0 in first.held) == (["requested"], [], False)


async def test_dead_letters_of_another_topic_partition_or_consumer_are_not_mixed_up(world: World) -> None:
    loop = world.loop(dead_letter_limit=2)
    world.write(poison(), poison(key=EVE), poison(side=RIGHT_HALF, key=EVE))
    await drain(loop)
    places = {(row.topic, row.partition) for row in await letters(world)}
    assert places == {(LEFT.name, 0), (LEFT.name, 1), (RIGHT.name, 1)}
    assert loop.standing_still == []


async def test_a_dead_letter_closed_long_ago_is_deleted_and_an_open_one_never(world: World) -> None:
    world.write(poison(), poison(key=BOB))
    await work_off(world)
    await operator_says(world, DISMISSED, 1)
    closed_at = world.clock.now()
    for before, left in ((closed_at, ["open", "dismissed"]), (closed_at + timedelta(days=900), ["open"])):
        async with world.store.transaction() as session:
            await forget_closed(session, before)
        assert await statuses(world) == left

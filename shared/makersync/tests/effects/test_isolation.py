"""A record that is understood, but makes the work fail, delays no other record (docs/decisions/0030)."""

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.broker.port import Outgoing
from makersync.effects.consumer_port import Batch
from makersync.effects.fence import Hold
from makersync.effects.isolation import HANDLER_FAILED, MOST_IN_A_ROW
from makersync.store.database import DatabaseAway, Store
from makersync.store.tables import DeadLetterRow

from .toy_services import Joined, JoinWork
from .toy_world import World, drain
from .toys import LEFT, LEFT_HALF, REGIONS, RIGHT_HALF, outgoing
from .unreadable import letters, now_understood, operator_says, statuses

ANN, BOB, EVE = (f"{REGIONS[0]}/{name}" for name in ("ann", "bob", "eve"))
KEYS = [f"{REGIONS[0]}/s{number:03}" for number in range(120)]
#: The join fails on this value.
CURSED = -13


@pytest.fixture
def cursed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the work fail on one value, after it has changed its state."""
    prepare = JoinWork.prepare

    async def fail(work: JoinWork, batch: Batch, behind: int = 0) -> Joined:
        joined = await prepare(work, batch, behind)
        if any(getattr(received.data, "value", None) == CURSED for received in batch):
            raise ZeroDivisionError("a value that is personal")
        return joined

    monkeypatch.setattr(JoinWork, "prepare", fail)


@pytest.mark.usefixtures("cursed")
@pytest.mark.parametrize("places", [[0], [57], [119], [3, 4, 60]])
async def test_a_record_that_fails_alone_is_set_aside_and_the_others_are_processed(world: World, places: list[int]) -> None:
    """Guards: one record halted its partition, or ended the process at every start."""
    world.write(*[outgoing(LEFT_HALF, key, 1, CURSED if n in places else n) for n, key in enumerate(KEYS)])
    loop = world.loop()
    await drain(loop)
    found = await letters(world)
    assert [(letter.offset, letter.reason, letter.status) for letter in found] == [(n, HANDLER_FAILED, "open") for n in places]
    assert found[0].detail.startswith("ZeroDivisionError at test_isolation.py:")
    assert "personal" not in found[0].detail
    assert await world.ledger() == [(LEFT_HALF, key, 1) for n, key in enumerate(KEYS) if n not in places]
    assert (loop.standing_still, loop.held[0].hold.offsets) == ([], {LEFT.name: 120})


@pytest.mark.usefixtures("cursed")
async def test_a_later_event_supersedes_a_failed_record_and_a_failed_replay_leaves_it_open(world: World) -> None:
    world.write(outgoing(LEFT_HALF, ANN, 1, CURSED), outgoing(LEFT_HALF, BOB, 1, CURSED))
    loop = world.loop()
    await drain(loop)
    await operator_says(world, "requested", 0)
    await drain(loop)
    found = await letters(world)
    assert [(each.status, each.attempts, each.attempted_at) for each in found] == [
        ("open", 1, world.clock.now()),
        ("open", 0, None),
    ]
    world.write(outgoing(LEFT_HALF, ANN, 2), outgoing(LEFT_HALF, BOB, 2))
    await drain(loop)
    assert (await statuses(world), await world.pairs()) == (["superseded"] * 2, {ANN: (1, None), BOB: (1, None)})


@pytest.mark.usefixtures("cursed")
async def test_too_many_failed_records_halt_their_topic(world: World) -> None:
    """Guards: a broken handler must not set a whole topic aside."""
    loop = world.loop(dead_letter_limit=3)
    world.write(*[outgoing(LEFT_HALF, key, 1, CURSED) for key in KEYS[:10]], outgoing(RIGHT_HALF, EVE, 1))
    await drain(loop)
    assert (list(loop.held[0].halts), await statuses(world)) == ([LEFT.name], ["open"] * 3)
    assert await world.ledger() == [(RIGHT_HALF, EVE, 1)]


@pytest.mark.parametrize("sound", [0, 3])
async def test_records_that_fail_in_a_row_halt_their_topic_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch, sound: int
) -> None:
    """Guards: a broken state was loaded again for each of a hundred records before the topic halted, which took hours."""
    loadings, load, prepare = list[int](), JoinWork.load, JoinWork.prepare

    async def count(work: JoinWork, session: AsyncSession, hold: Hold) -> None:
        loadings.append(work.number)
        await load(work, session, hold)

    async def fail(work: JoinWork, batch: Batch, behind: int = 0) -> Joined:
        if any(each.record.topic == LEFT.name and each.record.offset >= sound for each in batch):
            raise ZeroDivisionError
        return await prepare(work, batch, behind)

    monkeypatch.setattr(JoinWork, "load", count)
    monkeypatch.setattr(JoinWork, "prepare", fail)
    world.write(*[outgoing(LEFT_HALF, key, 1) for key in KEYS], outgoing(RIGHT_HALF, EVE, 1))
    loop = world.loop()
    await drain(loop)
    assert (loop.held[0].hold.offsets[LEFT.name], await statuses(world)) == (sound + MOST_IN_A_ROW, ["open"] * MOST_IN_A_ROW)
    assert "5 records in a row: ZeroDivisionError at test_isolation.py" in str(loop.held[0].halts[LEFT.name])
    assert loadings.count(0) < 20
    assert (RIGHT_HALF, EVE, 1) in await world.ledger()


async def test_no_record_is_set_aside_while_the_store_is_away(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(_work: JoinWork) -> None:
        raise DatabaseAway("simulated")

    monkeypatch.setattr(JoinWork, "before_write", staticmethod(fail))
    world.write(outgoing(LEFT_HALF, ANN, 1))
    loop = world.loop()
    for _ in range(3):
        with pytest.raises(DatabaseAway):
            await loop.round()
    monkeypatch.undo()
    await drain(loop)
    assert (await letters(world), await world.ledger()) == ([], [(LEFT_HALF, ANN, 1)])


async def test_a_temporary_failure_sets_no_record_aside(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guards: a single retry is enough."""
    failures = [ZeroDivisionError(), ZeroDivisionError()]

    async def fail(_work: JoinWork) -> None:
        if failures:
            raise failures.pop()

    monkeypatch.setattr(JoinWork, "before_write", staticmethod(fail))
    world.write(outgoing(LEFT_HALF, ANN, 1))
    await drain(world.loop())
    assert (await letters(world), await world.ledger()) == ([], [(LEFT_HALF, ANN, 1)])


@pytest.mark.usefixtures("cursed")
async def test_a_fenced_owner_does_not_isolate_records(world: World) -> None:
    """Guards: two owners that raise the epoch in turn."""
    first, second = world.loop("one"), world.loop("two")
    await drain(first)
    world.broker.expel(first._member)  # type: ignore[arg-type]
    await drain(second)
    world.write(outgoing(LEFT_HALF, ANN, 1, CURSED))
    await first.round()
    assert (0 in first.held, await letters(world)) == (False, [])
    await drain(second)
    assert (second.held[0].hold.epoch, await statuses(world)) == (second.held[0].hold.epoch, ["open"])


@pytest.mark.parametrize("value", [2**70])
async def test_an_error_of_the_database_driver_is_not_reported_as_database_away(store: Store, value: object) -> None:
    """Guards: a value that does not fit its column was retried forever, as if no database answered."""
    with pytest.raises(Exception) as refused:
        async with store.transaction() as session:
            await session.exec(select(DeadLetterRow).where(DeadLetterRow.offset == value))
    assert not isinstance(refused.value, DatabaseAway)


async def test_a_record_whose_error_detail_cannot_be_stored_is_set_aside(world: World) -> None:
    """Guards: the dead letter itself must be storable. Its detail and key quote the record."""
    good = outgoing(LEFT_HALF, ANN, 1)
    bad = good.value.replace(b"halves.HalfSet", b"halves.\\u0000\\ud83d\\ude00")
    world.write(Outgoing(good.topic, 0, b"\x00\xff/ann", bad), replace(good, value=good.value.replace(b'"ann"', b'"a\\u0000"')))
    world.write(outgoing(LEFT_HALF, BOB, 1))
    await drain(world.loop())
    assert [letter.status for letter in await letters(world)] == ["open", "open"]
    assert await world.ledger() == [(LEFT_HALF, BOB, 1)]
    async with world.store.reading() as session:
        await session.exec(text("SELECT 1"))  # type: ignore[call-overload]
    assert now_understood is not None

"""A market that ran by version 1 of the rules goes over to version 2, and publishes what differs and nothing else."""

from typing import Any

from msgspec import structs
from service_world import CREDENTIALS, REGION, World
from sqlmodel import select

from contracts.topics import SKILL_SHORTAGE
from makersync.envelope import Event, encode
from matching.adapters.cell_tables import CellRow
from matching.adapters.policy_tables import PolicyRow
from matching.adapters.rebuilding import restore
from matching.domain.market.policy import Policy

MILLING, TURNING, SAFETY = (f"credential:{each}" for each in CREDENTIALS)
NEWER = ("level_ahead", "employer_share", "tightness_ahead")
"""What signals by version 1 of the rules do not carry."""


async def raised_by_version_1(world: World) -> list[Event]:
    """As a service by version 1 left them: one large employer and two small ones ask for milling, three alike for turning."""
    await world.stop()
    await store_policy(world, Policy(guard_employer_share=1000))
    await world.start("version 1")
    for number in range(5):
        positions = 9 if number == 0 else 1
        await world.opening(f"mill-{number}", employer_id=f"works-{number % 3}", positions=positions)
        await world.opening(f"turn-{number}", employer_id=f"works-{number % 3}", groups=[asked(CREDENTIALS[1])])
    await world.settle()
    signals = await shortages(world)
    assert summaries(signals) == [(MILLING, "raised", 1, "severe"), (TURNING, "raised", 1, "severe")]
    await world.stop()
    async with world.store.transaction() as session:
        for row in (await session.exec(select(CellRow))).all():
            assert row.signal is not None
            row.signal = without(row.signal | {"measure": without(row.signal["measure"])})
            session.add(row)
    return signals


def asked(credential: str) -> dict[str, Any]:
    return {"id": "g", "necessity": "required", "any_of": [{"credential": credential}]}


def without(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in NEWER}


async def store_policy(world: World, policy: Policy) -> None:
    async with world.store.transaction() as session:
        session.add(PolicyRow(version=policy.version, document=policy.to_dict(), applied_at=world.clock.now()))


async def shortages(world: World) -> list[Event]:
    return [event for event in await world.events() if event.type.startswith("matching.Shortage")]


def summaries(events: list[Event]) -> list[tuple[str, str, int, str]]:
    kinds = [event.type.rpartition(".Shortage")[2].lower() for event in events]
    return [(event.subject, kind, event.version, event.data["level"]) for event, kind in zip(events, kinds, strict=True)]


async def after_a_start(world: World, name: str) -> list[Event]:
    await world.start(name)
    await world.settle()
    found = await shortages(world)
    await world.stop()
    return found


async def test_the_next_policy_silences_whom_it_guards_against_and_every_other_signal_is_revised_once(world: World) -> None:
    await raised_by_version_1(world)
    await store_policy(world, Policy(version=2))
    silenced, revised = await after_a_start(world, "version 2")
    assert summaries([silenced, revised]) == [(MILLING, "silenced", 2, "insufficient_data"), (TURNING, "revised", 2, "severe")]
    assert (silenced.data["employer_share"], silenced.data["level_ahead"]) == (1000 * 10 // 13, "insufficient_data")
    assert {name: revised.data[name] for name in NEWER} == {
        "employer_share": 400,
        "tightness_ahead": 3500,
        "level_ahead": "severe",
    }
    assert {silenced.data["policy_version"], revised.data["policy_version"]} == {2}
    assert await after_a_start(world, "again") == []


async def test_where_no_policy_was_ever_applied_that_of_the_product_does_the_same(world: World) -> None:
    await raised_by_version_1(world)
    async with world.store.transaction() as session:
        [applied] = (await session.exec(select(PolicyRow))).all()
        await session.delete(applied)
    found = await after_a_start(world, "version 2")
    assert summaries(found) == [(MILLING, "silenced", 2, "insufficient_data"), (TURNING, "revised", 2, "severe")]
    assert await after_a_start(world, "again") == []


async def test_operators_see_the_fields_of_an_earlier_signal_and_null_for_the_newer_ones(world: World) -> None:
    await raised_by_version_1(world)
    async with await world.operator() as operator:
        milling, turning = (await operator.get(f"/v1/markets/{REGION}/cells")).json()
    for cell in (milling, turning):
        signal = cell["signal"]
        assert signal["measure"]["openings"] == 5
        assert (signal["level_ahead"], signal["measure"]["employer_share"], signal["measure"]["tightness_ahead"]) == (None,) * 3


async def test_a_store_that_is_rebuilt_from_earlier_signals_goes_over_as_well(world: World) -> None:
    for event in await raised_by_version_1(world):
        earlier = structs.replace(event, data=without(dict(event.data)))
        await world.put(SKILL_SHORTAGE, f"{event.partitionkey}/{event.subject}", encode(earlier))
    await store_policy(world, Policy(version=2))
    await restore(world.context, world.broker, "log")
    async with world.store.reading() as session:
        rows = (await session.exec(select(CellRow).order_by(CellRow.subject))).all()
    assert [row.signal["level_ahead"] for row in rows if row.signal] == [None, None]
    found = await after_a_start(world, "rebuilt")
    assert [each for each in summaries(found) if each[2] > 1] == [
        (MILLING, "silenced", 2, "insufficient_data"),
        (TURNING, "revised", 2, "severe"),
    ]

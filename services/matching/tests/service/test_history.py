"""What the service remembers of past days, and the indicators that it draws from it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from service_world import CREDENTIALS, NEIGHBOUR, NOW, REGION, World
from sqlmodel import select

from makersync.store.upserts import upsert
from makersync.topic import partition_of
from matching.adapters import history_repository
from matching.adapters.history_repository import life_row
from matching.adapters.history_tables import CellDayRow, OpeningLifeRow
from matching.adapters.region_repository import add_regions
from matching.domain.indicators.history import KEPT_DAYS, OpeningLife

SUBJECT = f"credential:{CREDENTIALS[0]}"
TODAY = NOW.date()
PATH = f"/v1/markets/{REGION}/cells/{SUBJECT}/indicators"
DAY_S = 86_400.0
MACHINIST = "51-4041"


async def days_of(world: World) -> list[tuple[date, str, int, int, int | None]]:
    async with world.store.reading() as session:
        rows = (await session.exec(select(CellDayRow))).all()
    found = [(row.day, row.subject, row.demand, row.openings, row.supply) for row in rows]
    return sorted(found, key=lambda row: row[:2])


async def life(world: World, opening_id: str = "job") -> OpeningLifeRow | None:
    async with world.store.reading() as session:
        return await session.get(OpeningLifeRow, opening_id)


async def demand(world: World, openings: int = 5, **changes: Any) -> None:
    for number in range(openings):
        await world.opening(f"job-{number}", employer_id=f"works-{number % 3}", **changes)


async def remember(world: World, days: Sequence[dict[str, Any]] = (), lives: Sequence[OpeningLife] = ()) -> None:
    number = partition_of(REGION, world.context.settings.partitions)
    async with world.store.transaction() as session:
        await upsert(session, CellDayRow, [_day_row(number, day) for day in days], ["region", "day", "subject"])
        await upsert(session, OpeningLifeRow, [life_row(each, REGION, number) for each in lives], ["opening_id"])
        await add_regions(session, {REGION: number})


def _day_row(partition: int, changes: dict[str, Any]) -> dict[str, Any]:
    row = {"region": REGION, "subject": SUBJECT, "partition": partition, "demand": 1000, "openings": 1, "employers": 1}
    return row | {"source": "live"} | changes


def ended(number: int, filled_after: int) -> OpeningLife:
    begun = TODAY - timedelta(days=90)
    return OpeningLife(
        opening_id=f"old-{number}",
        employer_id=f"works-{number % 3}",
        subjects=frozenset({SUBJECT}),
        positions=1,
        filled=1,
        published_on=begun,
        filled_on=begun + timedelta(days=filled_after),
    )


async def test_a_day_is_remembered_as_it_ended(world: World) -> None:
    await world.opening(positions=2)
    await world.learner("ann")
    await world.settle()
    assert await days_of(world) == []
    world.pass_seconds(DAY_S)
    await world.opening("late", positions=5)
    await world.settle()
    assert await days_of(world) == [(TODAY, SUBJECT, 7000, 2, 1)]
    world.pass_seconds(DAY_S)
    await world.settle()
    assert [row[0] for row in await days_of(world)] == [TODAY, TODAY + timedelta(days=1)]


async def test_a_cell_that_has_vanished_and_a_day_that_nobody_saw_leave_no_row(world: World) -> None:
    await world.opening()
    await world.settle()
    await world.opening(kind="OpeningClosed", status="closed")
    await world.stop()
    world.pass_seconds(5 * DAY_S)
    await world.start("matching-2")
    await world.settle()
    assert await days_of(world) == []


async def test_a_process_that_was_down_over_midnight_remembers_the_day_that_it_ends(world: World) -> None:
    await world.opening()
    await world.settle()
    await world.stop()
    world.pass_seconds(3 * DAY_S)
    await world.start("matching-2")
    await world.settle()
    await world.stop()
    await world.start("matching-3")
    await world.settle()
    assert [row[0] for row in await days_of(world)] == [TODAY]


async def test_an_opening_is_followed_from_its_publication_to_its_end(world: World) -> None:
    await world.opening(positions=2, occupation=MACHINIST, wage_min=2400, wage_max=3001)
    await world.settle()
    row = await life(world)
    assert row is not None
    assert (row.region, row.subjects, row.occupation, row.wage) == (REGION, [SUBJECT], MACHINIST, 2700)
    assert (row.published_on, row.filled_on, row.closed_on, row.source) == (TODAY, None, None, "live")
    world.pass_seconds(12 * DAY_S)
    await world.opening(kind="PositionsFilled", positions=2, filled=2, status="filled")
    await world.settle()
    world.pass_seconds(DAY_S)
    await world.opening(kind="OpeningRevised", positions=2, filled=2, status="filled", title="Toolmaker")
    await world.settle()
    row = await life(world)
    assert row is not None
    assert (row.published_on, row.filled_on, row.filled) == (TODAY, TODAY + timedelta(days=12), 2)


async def test_one_that_is_reopened_has_not_ended(world: World) -> None:
    await world.opening()
    await world.opening(kind="OpeningClosed", status="closed")
    await world.settle()
    row = await life(world)
    assert row is not None
    assert (row.published_on, row.closed_on) == (TODAY, TODAY)
    await world.opening(kind="OpeningReopened")
    await world.settle()
    row = await life(world)
    assert row is not None
    assert (row.published_on, row.closed_on, row.filled_on) == (TODAY, None, None)


async def test_an_event_that_waited_is_dated_when_it_happened(world: World) -> None:
    await world.stop()
    await world.opening()
    world.pass_seconds(4 * DAY_S)
    await world.start("matching-2")
    await world.settle()
    row = await life(world)
    assert row is not None
    assert row.published_on == TODAY


async def test_when_an_opening_was_published_is_unknown_where_its_first_event_was_not_seen(world: World) -> None:
    world.versions[f"{REGION}/job"] = 6
    await world.opening(kind="OpeningRevised")
    await world.settle()
    row = await life(world)
    assert row is not None
    assert row.published_on is None


async def test_late_copies_change_nothing_of_what_is_remembered(world: World) -> None:
    event = await world.opening()
    await world.opening(kind="OpeningClosed", status="closed")
    await world.settle()
    before = await life(world)
    world.pass_seconds(DAY_S)
    await world.opening_again(event)
    await world.settle()
    assert (await life(world)) == before


async def test_what_is_older_than_is_kept_is_forgotten(world: World) -> None:
    old, kept = TODAY - timedelta(days=KEPT_DAYS), TODAY - timedelta(days=KEPT_DAYS - 2)
    await remember(world, days=[{"day": old}, {"day": kept}], lives=[ended(1, filled_after=-400), ended(2, filled_after=1)])
    await world.opening()
    await world.settle()
    world.pass_seconds(DAY_S)
    await world.settle()
    assert [row[0] for row in await days_of(world)] == [kept, TODAY]
    assert await life(world, "old-1") is None
    assert await life(world, "old-2") is not None
    assert await life(world, "job") is not None


async def test_a_history_is_read_by_pages_without_what_ended_long_ago(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_repository, "PAGE", 2)
    long_ago = replace(
        ended(9, filled_after=0), published_on=TODAY - timedelta(days=300), filled_on=TODAY - timedelta(days=200)
    )
    other = replace(ended(8, filled_after=3), subjects=frozenset({f"{SUBJECT}-2"}))
    await remember(world, lives=[*(ended(number, filled_after=3) for number in range(5)), other, long_ago])
    async with world.store.reading() as session:
        whole = await history_repository.region_history(session, REGION, TODAY)
        one = await history_repository.region_history(session, REGION, TODAY, SUBJECT)
    assert [each.opening_id for each in whole.openings] == [f"old-{number}" for number in (0, 1, 2, 3, 4, 8)]
    assert one.openings == whole.openings[:5]


async def test_operators_see_a_cells_indicators_with_their_evidence(world: World) -> None:
    quarter = [{"day": TODAY - timedelta(days=n), "demand": 1000} for n in range(1, 92)]
    await remember(world, quarter, [ended(number, filled_after=10 + number) for number in range(5)])
    await world.credential(CREDENTIALS[0], training_weeks=40)
    await demand(world, occupation=MACHINIST, wage_min=2000, wage_max=3000, zip=NEIGHBOUR)
    await world.settle()
    async with await world.operator() as operator:
        shown = (await operator.get(PATH)).json()
        absent = await operator.get(f"/v1/markets/{REGION}/cells/credential:none/indicators")
    assert {name: shown[name] for name in ("region", "subject", "level", "as_of", "source", "driver")} == {
        "region": REGION,
        "subject": SUBJECT,
        "level": "severe",
        "as_of": TODAY.isoformat(),
        "source": "live",
        "driver": "long_training",
    }
    assert shown["demand_trend"] == {"value": 0, "evidence": 13}
    assert shown["fill_rate"] == {"value": 1000, "evidence": 5}
    assert shown["days_to_fill"]["evidence"] == 5
    assert shown["posted_wage"] == {"value": 2500, "evidence": 5}
    assert shown["wage_ratio"]["value"] > 0
    assert shown["concentration"]["value"] > 0
    assert absent.status_code == 404


async def test_a_signal_carries_the_indicators_as_last_drawn_and_its_driver(world: World) -> None:
    await remember(world, lives=[ended(number, filled_after=10) for number in range(5)])
    world.pass_seconds(3600)
    await world.credential(CREDENTIALS[0], training_weeks=3)
    await world.settle()
    await demand(world)
    await world.settle()
    [raised] = [event for event in await world.events() if event.type == "matching.ShortageRaised"]
    assert raised.data["indicators"] == {
        "as_of": TODAY.isoformat(),
        "source": "live",
        "driver": "short_training",
        "demand_trend": {"evidence": 0},
        "fill_rate": {"value": 1000, "evidence": 5},
        "days_to_fill": {"value": 10, "evidence": 5},
        "posted_wage": {"evidence": 0},
        "wage_ratio": {"evidence": 0},
        "concentration": {"evidence": 0},
    }
    for number in range(5):
        await world.opening(f"job-{number}", "OpeningClosed", employer_id=f"works-{number % 3}", status="closed")
    await world.settle()
    [silenced] = [event for event in await world.events() if event.type == "matching.ShortageSilenced"]
    assert silenced.data["indicators"]["fill_rate"] == {"value": 1000, "evidence": 5}
    assert "driver" not in silenced.data["indicators"]


async def test_a_signal_of_a_cell_without_a_past_carries_its_driver_alone(world: World) -> None:
    await world.credential(CREDENTIALS[0], training_weeks=3)
    await world.settle()
    await demand(world)
    await world.settle()
    [raised] = [event for event in await world.events() if event.type == "matching.ShortageRaised"]
    alone = {"as_of": TODAY.isoformat(), "source": "live", "driver": "short_training"}
    assert raised.data["indicators"] == alone

"""A simulated past is taken whole or not at all, is marked for ever, and never mixes into a real one."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from service_world import CREDENTIALS, NOW, REGION, World
from sqlmodel import select
from typer.testing import CliRunner

from matching.adapters.history_file import PastRefused, import_past, read_past
from matching.adapters.history_tables import CellDayRow, OpeningLifeRow
from matching.entrypoints.commands import app

SUBJECT = f"credential:{CREDENTIALS[0]}"
TODAY = NOW.date()
YESTERDAY = (TODAY - timedelta(days=1)).isoformat()
DAY = {"region": REGION, "day": YESTERDAY, "subject": SUBJECT, "demand": 4000, "openings": 2, "employers": 1}
OPENING = {
    "opening_id": "past-1",
    "region": REGION,
    "employer_id": "works",
    "subjects": [SUBJECT],
    "positions": 2,
    "filled": 2,
    "wage": 2400,
    "published_on": "2026-09-01",
    "filled_on": "2026-09-21",
}
runner = CliRunner()


def lines(*entries: dict[str, Any]) -> list[bytes]:
    return [json.dumps(entry).encode() for entry in entries]


def day(**changes: Any) -> dict[str, Any]:
    return {"cell_day": DAY | changes}


def past_opening(**changes: Any) -> dict[str, Any]:
    made = OPENING | changes
    return {"opening_life": {name: value for name, value in made.items() if value is not None}}


async def take(world: World, *entries: dict[str, Any]) -> tuple[int, int]:
    return await import_past(world.store, world.context.settings.partitions, read_past(lines(*entries), TODAY))


async def test_a_past_is_remembered_as_simulated(world: World) -> None:
    entries = [day(), past_opening(), past_opening(opening_id="past-2", filled=1, filled_on=None, closed_on=YESTERDAY)]
    assert await take(world, *entries) == (1, 2)
    assert await take(world, *entries) == (1, 2)
    async with world.store.reading() as session:
        [cell] = (await session.exec(select(CellDayRow))).all()
        lives = (await session.exec(select(OpeningLifeRow).order_by(OpeningLifeRow.opening_id))).all()
    assert (cell.demand, cell.supply, cell.source) == (4000, None, "simulated")
    assert [(life.opening_id, life.filled, life.source) for life in lives] == [
        ("past-1", 2, "simulated"),
        ("past-2", 1, "simulated"),
    ]


async def test_what_is_drawn_from_it_says_so(world: World) -> None:
    ended = [past_opening(opening_id=f"past-{n}", employer_id=f"works-{n % 3}") for n in range(5)]
    await take(world, day(), *ended)
    path = f"/v1/markets/{REGION}/cells/{SUBJECT}/indicators"
    async with await world.operator() as operator:
        shown = (await operator.get(path)).json()
        assert (shown["source"], shown["days_to_fill"]) == ("simulated", {"value": 20, "evidence": 5})
        await world.opening()
        await world.settle()
        assert (await operator.get(path)).json()["source"] == "mixed"


async def test_a_service_with_a_real_past_refuses_it(world: World) -> None:
    await world.opening()
    await world.settle()
    with pytest.raises(PastRefused, match="remembers real"):
        await take(world, day())
    async with world.store.reading() as session:
        assert (await session.exec(select(CellDayRow))).all() == []


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        (day(day=TODAY.isoformat()), "is not past"),
        (day(demand=-1), "cell_day.demand"),
        (day(region="Cleveland"), "cell_day.region"),
        (day(subject="milling"), "cell_day.subject"),
        (day(surprise=1), "cell_day.surprise"),
        (past_opening(filled_on=None), "exactly one of filled_on and closed_on"),
        (past_opening(closed_on="2026-10-01"), "exactly one of filled_on and closed_on"),
        (past_opening(published_on="2026-09-22"), "before it was published"),
        (past_opening(filled=1), "filled must be"),
        (past_opening(filled=3, filled_on=None, closed_on=YESTERDAY), "filled must be"),
        ({}, "exactly one of cell_day and opening_life"),
        (day() | past_opening(), "exactly one of cell_day and opening_life"),
    ],
)
def test_every_line_that_is_wrong_is_named(wrong: dict[str, Any], complaint: str) -> None:
    with pytest.raises(PastRefused) as refused:
        read_past([*lines(day(), wrong), b"\xff{", *lines(past_opening())], TODAY)
    assert "line 2: " in str(refused.value)
    assert complaint in str(refused.value)
    assert "line 3: " in str(refused.value)
    assert "line 1:" not in str(refused.value)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a migrated service with the date of the tests."""
    (tmp_path / "day").write_text(TODAY.isoformat())
    monkeypatch.setenv("MAKERSYNC_STATE_FOLDER", str(tmp_path))
    monkeypatch.setenv("MAKERSYNC_DAY_FILE", str(tmp_path / "day"))
    assert runner.invoke(app, ["migrate"]).exit_code == 0
    return tmp_path


@pytest.mark.parametrize(
    ("write", "status", "said"),
    [
        (
            lambda file: file.write_bytes(b"\n".join(lines(day(), past_opening()))),
            0,
            "1 simulated days of cells and 1 simulated",
        ),
        (lambda file: file.write_text("nothing\n"), 2, "line 1"),
        (lambda file: None, 2, "cannot be read"),
    ],
)
def test_the_command_says_what_it_took_or_why_not(folder: Path, write: Callable[[Path], Any], status: int, said: str) -> None:
    write(folder / "past.jsonl")
    result = runner.invoke(app, ["history-import", str(folder / "past.jsonl")])
    assert result.exit_code == status
    assert said in result.output + result.stderr

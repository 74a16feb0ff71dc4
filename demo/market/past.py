"""A simulated past of the demo market, so that indicators have something to be drawn from: half a year of openings that came,
waited and ended, and what each cell's demand was on each day. The matching service marks what it imports as simulated."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

from demo.market.atlas import Alternative
from demo.market.chance import dice
from demo.market.demand import Demand
from demo.market.drafts import OpeningDraft
from demo.market.generated_market import GeneratedMarket
from demo.market.plan import Shares

PAST_DAYS = 26 * 7
#: Of a larger market only the first regions get a past: it is for looking at.
MOST_REGIONS = 20
#: About what an opening of the simulation stays open, days: so many as are open today came in this time.
_STAYS_DAYS = 35
_FILLED = 0.72


@dataclass(slots=True)
class _CellDay:
    demand: int = 0
    openings: int = 0
    employers: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Life:
    """An opening and its last day, which may lie ahead; `filled` positions by then."""

    draft: OpeningDraft
    published_on: date
    ended_on: date
    filled: int


def write_past(market: GeneratedMarket, folder: Path) -> Path:
    """The past as the matching service imports it (JSON lines); returns the file."""
    file = folder / "past.jsonl"
    with file.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(line) + "\n" for line in past_lines(market))
    return file


def past_lines(market: GeneratedMarket) -> Iterator[Mapping[str, Any]]:
    """The same for the same plan. Openings that are still open as the past ends count on its days, and end with it: the live
    market has others."""
    cells: dict[tuple[str, date, str], _CellDay] = {}
    today = market.plan.day
    for life in _lives(market):
        _count(cells, life, today)
        if life.ended_on < today:
            yield {"opening_life": _told(life)}
    for (region, day, subject), cell in sorted(cells.items()):
        counted = {"demand": cell.demand, "openings": cell.openings, "employers": len(cell.employers)}
        yield {"cell_day": {"region": region, "day": day.isoformat(), "subject": subject, **counted}}


def _lives(market: GeneratedMarket) -> Iterator[_Life]:
    """As many openings at a time as the market has today."""
    plan = market.plan
    regions = [market.atlas.region(code) for code in plan.regions]
    stock = sum(Shares(plan.openings, regions).of(code) for code in plan.regions[:MOST_REGIONS])
    demand = Demand(replace(plan, regions=plan.regions[:MOST_REGIONS]), market.atlas)
    number = stock * PAST_DAYS // _STAYS_DAYS
    for index in range(number):
        day = plan.day - timedelta(days=PAST_DAYS - index * PAST_DAYS // number)
        # Below zero: the live phase has the indices that follow the market's own.
        yield _life(demand.another_opening(-1 - index, day), day, dice(plan.seed, "past", index))


def _life(draft: OpeningDraft, day: date, rng: Random) -> _Life:
    """Most are filled after some weeks; the others are closed when nobody comes any more, perhaps with a part filled."""
    if rng.random() < _FILLED:
        return _Life(draft, day, day + timedelta(days=3 + round(rng.gammavariate(2.0, 14.0))), draft.positions)
    return _Life(draft, day, day + timedelta(days=rng.randint(20, 75)), rng.randrange(draft.positions))


def _count(cells: dict[tuple[str, date, str], _CellDay], life: _Life, today: date) -> None:
    draft = life.draft
    for ahead in range((min(life.ended_on, today) - life.published_on).days):
        for subject, demand in _demand(draft).items():
            cell = cells.setdefault((_region(draft), life.published_on + timedelta(days=ahead), subject), _CellDay())
            cell.demand += demand
            cell.openings += 1
            cell.employers.add(draft.employer)


def _demand(draft: OpeningDraft) -> dict[str, int]:
    """Thousandths of positions by subject (MARKET.md section 12)."""
    demand: dict[str, int] = {}
    for group in draft.groups:
        for subject in {_subject(form) for form in group.any_of} if group.necessity == "required" else ():
            demand[subject] = demand.get(subject, 0) + 1000 * draft.positions // len(set(group.any_of))
    return demand


def _told(life: _Life) -> Mapping[str, Any]:
    draft = life.draft
    priced = draft.wage_min is not None and draft.wage_max is not None
    ended = {"filled_on" if life.filled == draft.positions else "closed_on": life.ended_on.isoformat()}
    return {
        "opening_id": f"past-{draft.key}",
        "region": _region(draft),
        "employer_id": draft.employer,
        "subjects": sorted(_demand(draft)),
        "positions": draft.positions,
        "filled": life.filled,
        "occupation": draft.occupation,
        "published_on": life.published_on.isoformat(),
        **({"wage": ((draft.wage_min or 0) + (draft.wage_max or 0)) // 2} if priced else {}),
        **ended,
    }


def _region(draft: OpeningDraft) -> str:
    return "remote" if draft.remote else draft.region


def _subject(form: Alternative) -> str:
    return f"credential:{form.credential}" if form.credential else f"competency:{form.competency}@{form.level}"

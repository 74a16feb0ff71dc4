"""A market keeps no more than the openings and learners that are in it."""

from datetime import date, timedelta

import pytest
from examples import DAY, MILLING, award, catalog, definition, group, learner, opening
from msgspec import structs

from contracts.vocabulary import OpeningStatus
from matching.domain.engine import region_engine
from matching.domain.market.policy import Policy
from matching.domain.region.live_market import RegionMarket
from matching.domain.region.state import RegionState
from reference.places import Places

WAVES, WAVE = 30, 40
CREDENTIALS = tuple(f"test:c{number:02}" for number in range(40))
ZIPS = ("44101", "44114", "44113", "44256")


@pytest.fixture
def market(places: Places, monkeypatch: pytest.MonkeyPatch) -> RegionMarket:
    monkeypatch.setattr(region_engine, "FEWEST_NUMBERS", 256)
    known = catalog(definition(MILLING), *(definition(each) for each in CREDENTIALS))
    return RegionMarket(RegionState(region="17410", day=DAY), known, Policy(), places)


def wave(market: RegionMarket, number: int) -> None:
    """Openings that ask for what none asked for before, and a learner who holds what nobody held, somewhere else each time."""
    for place in range(WAVE):
        n = number * WAVE + place
        asked = [group(CREDENTIALS[n % 40], CREDENTIALS[n * 7 % 40], CREDENTIALS[n // 40], group_id=f"g{n}"), group(MILLING)]
        closes_on = market.day + timedelta(days=n % 3) if n % 2 else None
        job = opening(*asked, opening_id=f"job-{n}", zip=ZIPS[n % 4], closes_on=closes_on)
        market.put_opening(job)
        if n >= WAVE:
            market.put_opening(
                opening(*asked, opening_id=f"job-{n - WAVE}", version=2, status=OpeningStatus.CLOSED, zip=ZIPS[n % 4])
            )
    held = [award(each, f"{each}-{number}") for each in (MILLING, *CREDENTIALS[number % 40 : number % 40 + 3])]
    ann = learner(*held, zip=ZIPS[number % 4], reach_km=20 + number)
    market.put_learner(structs.replace(ann, version=number + 1))
    market.settle()


def sizes(market: RegionMarket) -> dict[str, int]:
    engine = market._engine
    return {
        "numbers of openings": engine.openings.numbers,
        "numbers of learners": engine.learners.numbers,
        "subjects with flags": len(engine._skills._rows),
        "zips measured": len(engine._index.coverage._zips),
        "closing days": len(engine._live._ids),
        "subjects counted": len(engine.counts._demand),
    }


def test_what_closed_openings_asked_for_and_learners_held_is_forgotten(market: RegionMarket) -> None:
    found: list[dict[str, int]] = []
    for number in range(WAVES):
        wave(market, number)
        found.append(sizes(market))
    half = WAVES // 2
    early, late = found[5:half], found[half:]
    # How many of the two waves are in at a time depends on the order of a settling.
    assert max(each.pop("closing days") for each in found) <= WAVE
    for name in found[0]:
        assert max(each[name] for each in late) <= 1.1 * max(each[name] for each in early) + 2, name
    assert market._engine.openings.numbers < 256 + 2 * WAVE


def test_a_number_that_is_free_is_given_to_the_next_opening_that_closes_by_itself(market: RegionMarket) -> None:
    for day in range(50):
        market.put_opening(opening(group(MILLING), opening_id=f"job-{day}", closes_on=market.day))
        market.settle()
        market.set_day(date.fromordinal(market.day.toordinal() + 1))
        market.settle()
    assert len(market._engine._live._ids) == 1

"""Section 1 of the market rules: points, distances, regions and reach."""

import csv
import math
import time
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference.places import REMOTE, Places, Point, UnknownZip, load_places

PLACES = load_places()


def table() -> list[dict[str, str]]:
    path = resources.files("reference") / "zip_regions.csv"
    with path.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


ROWS = table()
zips = st.sampled_from([row["zip"] for row in ROWS])


def plain_distance(a: str, b: str) -> int:
    """The formula of the section on the unit sphere, without the product's code."""
    one, two = PLACES.point(a), PLACES.point(b)
    phi_1, phi_2 = math.radians(one.lat), math.radians(two.lat)
    h = (1 - math.cos(phi_2 - phi_1)) / 2
    h += math.cos(phi_1) * math.cos(phi_2) * (1 - math.cos(math.radians(two.lon - one.lon))) / 2
    return math.floor(6371008.8 * 2 * math.atan2(math.sqrt(h), math.sqrt(1 - h)))


def test_a_zip_in_the_table_has_its_point_and_region() -> None:
    assert PLACES.point("44101") == Point("44101", "Cleveland", "OH", 41.4899, -81.6718, "17410", "America/New_York")


@pytest.mark.parametrize("zip_code", ["00000", "4410", "44101 ", "", "remote"])
def test_a_zip_outside_the_table_is_refused_and_never_guessed(zip_code: str) -> None:
    with pytest.raises(UnknownZip) as refusal:
        PLACES.point(zip_code)
    assert refusal.value.zip_code == zip_code
    with pytest.raises(UnknownZip):
        PLACES.distance_m("44101", zip_code)
    with pytest.raises(UnknownZip):
        PLACES.reach(zip_code, 40, False)


@given(a=zips, b=zips)
def test_distance_is_the_haversine_in_whole_metres(a: str, b: str) -> None:
    assert isinstance(PLACES.distance_m(a, b), int)
    assert abs(PLACES.distance_m(a, b) - plain_distance(a, b)) <= 1
    assert PLACES.distance_m(a, b) == PLACES.distance_m(b, a)


def test_known_distances_are_exact() -> None:
    assert PLACES.distance_m("44101", "44101") == 0
    assert PLACES.distance_m("10001", "90001") == plain_distance("10001", "90001")


@settings(max_examples=12, deadline=None)
@given(zip_code=zips, reach_km=st.sampled_from([1, 7, 40, 111, 300]))
def test_reach_is_every_region_with_a_point_near_enough(zip_code: str, reach_km: int) -> None:
    near = {row["region"] for row in ROWS if PLACES.distance_m(zip_code, row["zip"]) <= 1000 * reach_km}
    assert PLACES.reach(zip_code, reach_km, remote_ok=False) == tuple(sorted(near))


def test_reach_holds_remote_only_when_wanted() -> None:
    assert PLACES.reach("44101", 1, remote_ok=False) == ("17410",)
    assert PLACES.reach("44101", 1, remote_ok=True) == ("17410", REMOTE)


def test_reach_ends_at_the_whole_metre() -> None:
    km, rest = divmod(PLACES.distance_m("44101", "44067"), 1000)
    assert rest
    nearest = min(PLACES.distance_m("44101", row["zip"]) for row in ROWS if row["region"] == "10420")
    assert ("10420" in PLACES.reach("44101", nearest // 1000, remote_ok=False)) == (nearest % 1000 == 0)
    assert "10420" in PLACES.reach("44101", km + 1, remote_ok=False)


def test_reach_crosses_the_date_line_and_the_far_north() -> None:
    world = Places(
        (
            Point("1", "West", "AK", 51.9, 179.95, "west", "America/Adak"),
            Point("2", "East", "AK", 51.9, -179.95, "east", "America/Adak"),
            Point("3", "North", "AK", 89.9, 10.0, "north", "America/Adak"),
            Point("4", "Beyond", "AK", 89.9, -170.0, "beyond", "America/Adak"),
        ),
        {},
    )
    assert world.reach("1", 10, remote_ok=False) == ("east", "west")
    assert world.reach("2", 10, remote_ok=False) == ("east", "west")
    assert world.reach("3", 30, remote_ok=False) == ("beyond", "north")
    assert world.reach("1", 5, remote_ok=False) == ("west",)


def test_every_region_has_a_name() -> None:
    assert REMOTE in PLACES.regions()
    assert list(PLACES.regions()) == sorted({row["region"] for row in ROWS} | {REMOTE})
    assert all(PLACES.region_name(region) for region in PLACES.regions())
    assert PLACES.region_name("11180") == "Ames, IA"
    with pytest.raises(KeyError):
        PLACES.region_name("nowhere")


def test_the_table_is_read_once() -> None:
    assert load_places() is PLACES


def test_a_reach_of_40_km_takes_far_less_than_a_market_event() -> None:
    everywhere = [row["zip"] for row in ROWS[::80]]
    fresh = Places(tuple(PLACES.point(row["zip"]) for row in ROWS), {})
    begun = time.process_time()
    for zip_code in everywhere:
        fresh.reach(zip_code, 40, remote_ok=False)
    assert (time.process_time() - begun) / len(everywhere) < 0.002


def test_a_former_zip_code_has_a_point_and_a_region_and_is_reached_by_nobody_new() -> None:
    """Guards: a stored opening or learner names it, and no market could be read without it."""
    assert (PLACES.point("96898").region, PLACES.is_current("96898")) == ("46520", False)
    assert (PLACES.is_current("17401"), PLACES.is_current("00000")) == (True, False)
    assert PLACES.reach("96898", 1, remote_ok=False) == ("46520",)
    assert "46520" in PLACES.regions()

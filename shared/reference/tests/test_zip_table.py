"""The table of ZIP codes itself: every point lies where its city's others lie, and every row is whole."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable
from importlib import resources
from statistics import median

import pytest

from reference.places import REMOTE, Places, Point, load_places

PLACES = load_places()

#: How far a point may lie from the middle of the other points of its city and prefix (the first three digits).
CITY_M = 40_000
#: True beyond it, where one postal city serves an area wider than that: deserts, ranges, islands, the Everglades, launch sites.
WIDE_CITIES = {
    "32815", "32899", "33187", "78840", "79938", "80928", "82716", "82718", "85086", "85735", "85736",
    "86340", "89037", "89067", "89124", "89510", "96740", "96745", "99615", "99687", "99712",
}  # fmt: skip

#: How far the nearest other point of its prefix may lie, outside Alaska, whose places no road joins.
PREFIX_M = 100_000
#: True beyond it: the Utah and Arizona deserts; Samoa alone shares its prefix with Guam.
LONELY = {"84728", "86432", "86435", "96799"}


def rows(name: str) -> list[dict[str, str]]:
    with (resources.files("reference") / name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


POINTS = [PLACES.point(row["zip"]) for row in rows("zip_regions.csv")]


def middle(points: Iterable[Point]) -> Point:
    lat, lon = zip(*((point.lat, point.lon) for point in points), strict=True)
    return Point("middle", "", "", median(lat), median(lon), "", "")


def metres(one: Point, other: Point) -> int:
    return Places((one, other), {}).distance_m(one.zip, other.zip)


def by(*names: str) -> Iterable[list[Point]]:
    groups: dict[tuple[str, ...], list[Point]] = defaultdict(list)
    for point in POINTS:
        groups[(point.zip[:3], *(getattr(point, name) for name in names))].append(point)
    return [group for group in groups.values() if len(group) > 1]


def far_from_their_city() -> set[str]:
    return {
        point.zip
        for group in by("city", "state")
        for point in group
        if metres(point, middle(other for other in group if other is not point)) > CITY_M
    }


def far_from_their_prefix() -> set[str]:
    return {
        point.zip
        for group in by()
        for point in group
        if point.state != "AK" and all(metres(point, other) > PREFIX_M for other in group if other is not point)
    }


def test_each_point_lies_among_those_of_its_city() -> None:
    assert far_from_their_city() == WIDE_CITIES


def test_each_point_has_a_neighbour_of_its_prefix() -> None:
    assert far_from_their_prefix() == LONELY


def test_midtown_and_downtown_anchorage_are_a_few_kilometres_apart() -> None:
    assert 2_000 < PLACES.distance_m("99503", "99501") < 6_000


@pytest.mark.parametrize(
    ("zip_code", "state", "time_zone"),
    [
        ("00901", "PR", "America/Puerto_Rico"),
        ("00801", "VI", "America/St_Thomas"),
        ("96910", "GU", "Pacific/Guam"),
        ("96950", "MP", "Pacific/Saipan"),
        ("96799", "AS", "Pacific/Pago_Pago"),
        ("85144", "AZ", "America/Phoenix"),
        ("94203", "CA", "America/Los_Angeles"),
        ("79901", "TX", "America/Denver"),
    ],
)
def test_territories_and_their_time_zones_are_known(zip_code: str, state: str, time_zone: str) -> None:
    point = PLACES.point(zip_code)
    assert (point.state, point.time_zone) == (state, time_zone)


def test_a_city_keeps_one_time() -> None:
    """All but Valley in Alabama, which is part of an urban area of Georgia and keeps its time."""
    zones = Counter((point.city, point.state, point.zip[:3], point.time_zone) for point in POINTS)
    cities = Counter(key[:3] for key in zones)
    assert [city for city, several in cities.items() if several > 1] == [("Valley", "AL", "368")]


def test_each_row_is_whole() -> None:
    codes = [point.zip for point in POINTS]
    assert codes == sorted(set(codes))
    for point in POINTS:
        assert len(point.zip) == 5 and point.zip.isdigit()
        assert point.city and len(point.state) == 2 and "/" in point.time_zone
        assert -15 < point.lat < 72 and (-180 < point.lon < -64 or 144 < point.lon < 180)
        assert point.region.isdigit() or point.region == f"nonmetro-{point.state}"


def test_the_regions_are_those_of_the_points() -> None:
    counted = Counter(point.region for point in POINTS)
    assert {row["region"]: int(row["zips"]) for row in rows("regions.csv")} == counted
    assert set(PLACES.regions()) == {*counted, REMOTE}

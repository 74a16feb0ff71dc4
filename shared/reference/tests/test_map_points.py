"""The places of labour markets on the map follow the table of regions."""

import csv
from importlib import resources

from reference.map_points import HEIGHT, WIDTH, load_map_points

#: American Samoa, Guam and the Northern Marianas.
NOT_DRAWN = {"nonmetro-AS", "nonmetro-GU", "nonmetro-MP"}


def rows(name: str) -> dict[str, dict[str, str]]:
    with (resources.files("reference") / name).open(encoding="utf-8") as lines:
        return {row["region"]: row for row in csv.DictReader(lines)}


def test_every_region_has_its_place_but_for_the_islands_that_are_not_drawn() -> None:
    """Guards: a table of regions that has changed since `make assets` projected it."""
    regions, places = rows("regions.csv"), rows("map_points.csv")
    assert set(regions) - set(places) == NOT_DRAWN
    for region, place in places.items():
        assert (place["lat"], place["lon"]) == (regions[region]["lat"], regions[region]["lon"]), region


def test_places_lie_within_the_map_and_as_the_country_does() -> None:
    points = load_map_points()
    assert all(0 <= each.x <= WIDTH and 0 <= each.y <= HEIGHT for each in points.values())
    seattle, cleveland, miami, houston = (points[each] for each in ("42660", "17410", "33100", "26420"))
    assert seattle.x < houston.x < cleveland.x < miami.x
    assert seattle.y < cleveland.y < houston.y < miami.y
    honolulu, san_juan = points["46520"], points["41980"]
    assert honolulu.x < houston.x and honolulu.y > houston.y
    assert san_juan.x > miami.x, "Puerto Rico stands in the Atlantic, below the mainland's edge"

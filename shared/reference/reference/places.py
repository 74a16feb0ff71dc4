"""Where things are: ZIP points, regions, distances and reach (MARKET.md section 1)."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from math import asin, ceil, cos, floor, radians, sin, sqrt

REMOTE = "remote"
"""The region of work that is done anywhere."""

EARTH_RADIUS_M = 6_371_008.8
_CELLS_PER_DEGREE = 4
_LONGITUDE_CELLS = 360 * _CELLS_PER_DEGREE
_REMEMBERED = 32_768
_METRES_PER_CELL = EARTH_RADIUS_M * radians(1) / _CELLS_PER_DEGREE

_Cell = tuple[int, int]


ZIP_TABLE = (
    "the table of US ZIP codes (Census, HUD-USPS and GeoNames, November 2026; with the territories, without military addresses)"
)
KNOWN_ZIP = f"must be in {ZIP_TABLE}; give a neighbouring ZIP code, or ask the operators if a real one is missing"
"""What to say to whoever gave a ZIP code that is not known, without repeating it."""


class UnknownZip(ValueError):
    """The ZIP code is not in the reference table; the caller must correct it, nothing is guessed."""

    def __init__(self, zip_code: str) -> None:
        super().__init__(f"unknown ZIP code {zip_code!r}: {KNOWN_ZIP}")
        self.zip_code = zip_code


@dataclass(frozen=True, slots=True)
class Point:
    """The centroid of a US ZIP code, in degrees, the region it lies in, and its IANA time zone."""

    zip: str
    city: str
    state: str
    lat: float
    lon: float
    region: str
    time_zone: str


class Places:
    """The ZIP points of a country with their regions; distances and reaches are remembered. `former` points were in an earlier
    table: nothing new is said of them, but what was said before stands."""

    def __init__(self, points: tuple[Point, ...], region_names: dict[str, str], former: tuple[Point, ...] = ()) -> None:
        self._former = frozenset(point.zip for point in former)
        self._points = {point.zip: point for point in (*former, *points)}
        self._names = {**region_names, REMOTE: "Remote"}
        self._regions = tuple(sorted({point.region for point in points} | {REMOTE}))
        self._grid = _grid(points)
        self._distance_m = lru_cache(maxsize=_REMEMBERED)(self._measure)
        self._regions_around = lru_cache(maxsize=_REMEMBERED)(self._search)

    def point(self, zip_code: str) -> Point:
        """The point of a ZIP code; raises `UnknownZip`."""
        try:
            return self._points[zip_code]
        except KeyError:
            raise UnknownZip(zip_code) from None

    def is_current(self, zip_code: str) -> bool:
        """Whether something new can be said of it: it is in the table, and not from an earlier one."""
        return zip_code in self._points and zip_code not in self._former

    def distance_m(self, a: str, b: str) -> int:
        """Haversine distance between two ZIP points, floored to whole metres; raises `UnknownZip`."""
        return self._distance_m(a, b)

    def reach(self, zip_code: str, reach_km: int, remote_ok: bool) -> tuple[str, ...]:
        """The regions with a ZIP point within `1000 * reach_km` metres, and ``remote`` if wanted, sorted."""
        around = self._regions_around(zip_code, reach_km)
        return tuple(sorted((*around, REMOTE))) if remote_ok else around

    def region_name(self, region: str) -> str:
        """The name of a region for people; raises KeyError when there is no such region."""
        return self._names[region]

    def regions(self) -> tuple[str, ...]:
        """All regions, ``remote`` included, sorted."""
        return self._regions

    def _measure(self, a: str, b: str) -> int:
        return floor(_haversine_m(self.point(a), self.point(b)))

    def _search(self, zip_code: str, reach_km: int) -> tuple[str, ...]:
        centre, limit_m = self.point(zip_code), 1000 * reach_km
        found = {centre.region}
        for cell in _cells_around(centre, limit_m):
            for region, points in self._grid.get(cell, {}).items():
                if region not in found and any(floor(_haversine_m(centre, point)) <= limit_m for point in points):
                    found.add(region)
        return tuple(sorted(found))


@lru_cache(maxsize=1)
def load_places() -> Places:
    """The reference table of US ZIP codes, read once."""
    names = {row["region"]: row["name"] for row in _rows("regions.csv")}
    return Places(_read_points("zip_regions.csv"), names, _read_points("former_zip_codes.csv"))


def _read_points(name: str) -> tuple[Point, ...]:
    return tuple(
        Point(
            row["zip"],
            row["city"],
            row["state"],
            float(row["lat"]),
            float(row["lon"]),
            row["region"],
            row["time_zone"],
        )
        for row in _rows(name)
    )


def _rows(name: str) -> Iterator[dict[str, str]]:
    table = resources.files("reference") / name
    with table.open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


def _haversine_m(a: Point, b: Point) -> float:
    lat_a, lat_b = radians(a.lat), radians(b.lat)
    half_lat, half_lon = sin((lat_b - lat_a) / 2), sin(radians(b.lon - a.lon) / 2)
    chord = half_lat * half_lat + cos(lat_a) * cos(lat_b) * half_lon * half_lon
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(chord)))


def _cell_of(lat: float, lon: float) -> _Cell:
    return floor(lat * _CELLS_PER_DEGREE), floor(lon * _CELLS_PER_DEGREE) % _LONGITUDE_CELLS


def _grid(points: tuple[Point, ...]) -> dict[_Cell, dict[str, list[Point]]]:
    grid: dict[_Cell, dict[str, list[Point]]] = {}
    for point in points:
        grid.setdefault(_cell_of(point.lat, point.lon), {}).setdefault(point.region, []).append(point)
    return grid


def _cells_around(centre: Point, limit_m: int) -> Iterator[_Cell]:
    """Cells that cover the circle, the near ones first, so that a large home region is found at once."""
    row, column = _cell_of(centre.lat, centre.lon)
    rows = ceil(limit_m / _METRES_PER_CELL) + 1
    columns = min(_columns_within(centre.lat, limit_m), _LONGITUDE_CELLS // 2)
    for down in sorted(range(-rows, rows + 1), key=abs):
        for across in sorted(range(-columns, columns + 1), key=abs):
            yield row + down, (column + across) % _LONGITUDE_CELLS


def _columns_within(lat: float, limit_m: int) -> int:
    """How many cells east or west a circle extends: it is widest a little poleward of its centre."""
    ratio = sin(min(limit_m / EARTH_RADIUS_M, radians(90))) / max(cos(radians(lat)), 1e-12)
    return _LONGITUDE_CELLS if ratio >= 1 else ceil(asin(ratio) / radians(1) * _CELLS_PER_DEGREE) + 1

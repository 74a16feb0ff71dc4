"""Places, distances and reaches (section 1)."""

import csv
import functools
import importlib.resources
import math

from .documents import Doc


@functools.cache
def points() -> dict[str, tuple[float, float, str]]:
    table = importlib.resources.files("reference") / "zip_regions.csv"
    with table.open(encoding="utf-8") as lines:
        return {row["zip"]: (float(row["lat"]), float(row["lon"]), row["region"]) for row in csv.DictReader(lines)}


@functools.cache
def distance_m(a: str, b: str) -> int:
    (lat_a, lon_a, _), (lat_b, lon_b, _) = points()[a], points()[b]
    lat_a, lon_a, lat_b, lon_b = map(math.radians, (lat_a, lon_a, lat_b, lon_b))
    h = math.sin((lat_b - lat_a) / 2) ** 2
    h += math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return int(2 * 6371008.8 * math.asin(math.sqrt(h)))


@functools.cache
def reach(zip_code: str, reach_km: int) -> frozenset[str]:
    return frozenset(point[2] for other, point in points().items() if distance_m(zip_code, other) <= 1000 * reach_km)


def region_of(opening: Doc) -> str:
    return "remote" if opening.get("remote") else points()[opening["zip"]][2]


def home_region(learner: Doc) -> str:
    return points()[learner["zip"]][2]


def reaches(learner: Doc, region: str) -> bool:
    if region == "remote":
        return bool(learner.get("remote_ok", False))
    return region in reach(learner["zip"], learner.get("reach_km", 40))

"""Where the labour markets lie on the map of the United States, as `make assets` has projected their mean points."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

#: The map's box, in its own units. The outlines of makersync.pages have the same.
WIDTH, HEIGHT = 975, 610


@dataclass(frozen=True, slots=True)
class MapPoint:
    """In units of the map; y grows downwards."""

    x: float
    y: float


@lru_cache(maxsize=1)
def load_map_points() -> Mapping[str, MapPoint]:
    """By region, read once. Work that is done anywhere has no place, nor have the islands of the Pacific but Hawaii."""
    with (resources.files("reference") / "map_points.csv").open(encoding="utf-8") as lines:
        return {row["region"]: MapPoint(float(row["x"]), float(row["y"])) for row in csv.DictReader(lines)}

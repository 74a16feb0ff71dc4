"""How large a demo market is: which regions, and what falls to each."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from demo.market.atlas import Atlas, Region, UnknownRegion

#: Cleveland, Detroit, Milwaukee, Greenville, Wichita: metal, cars, machines, suppliers, aircraft.
USUAL_REGIONS = ("17410", "19820", "33340", "24860", "48620")
OPENINGS_A_REGION = 40
LEARNERS_A_REGION = 100
MOST = 10_000_000


@dataclass(frozen=True, slots=True)
class MarketPlan:
    """The same plan and atlas always make the same market. `day` is the date around which its dates lie."""

    regions: tuple[str, ...]
    openings: int
    learners: int
    seed: int
    day: date


def choose_regions(wanted: str, atlas: Atlas) -> tuple[str, ...]:
    """`all`, a number of regions (the usual ones first, then by employment), or codes with commas. Raises UnknownRegion."""
    if wanted == "all":
        return tuple(atlas.regions)
    if wanted.isascii() and wanted.isdigit() and wanted not in atlas.regions:
        return _first(int(wanted), atlas)
    codes = tuple(dict.fromkeys(code.strip() for code in wanted.split(",") if code.strip()))
    if not codes:
        raise UnknownRegion("no region is named")
    return tuple(atlas.region(code).code for code in codes)


def _first(number: int, atlas: Atlas) -> tuple[str, ...]:
    if not 1 <= number <= len(atlas.regions):
        raise UnknownRegion(f"{number} is neither a region's code nor a number of regions from 1 to {len(atlas.regions)}")
    others = sorted(atlas.regions.values(), key=lambda region: (-region.employment, region.code))
    ordered = [*USUAL_REGIONS, *(region.code for region in others if region.code not in USUAL_REGIONS)]
    return tuple(ordered[:number])


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """`total` in whole parts proportional to the weights: largest remainders first, ties in order (Hamilton's method)."""
    whole = sum(weights)
    if whole == 0:
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: (-(total * weights[place] % whole), place))
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return parts


class Shares:
    """What falls to each region when `total` things are shared by employment, and where the n-th of them is."""

    def __init__(self, total: int, regions: Sequence[Region]) -> None:
        self.total = total
        self._regions = regions
        self._ends = list(accumulate(apportion(total, [region.employment for region in regions])))

    def place(self, index: int) -> tuple[Region, int]:
        """The region of the index-th thing, and which of the region's it is."""
        at = bisect_right(self._ends, index)
        return self._regions[at], index - (self._ends[at - 1] if at else 0)

    def of(self, code: str) -> int:
        """How many fall to a region."""
        at = next(place for place, region in enumerate(self._regions) if region.code == code)
        return self._ends[at] - (self._ends[at - 1] if at else 0)

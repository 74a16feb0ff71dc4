"""Pay, in US cents an hour: what no hour earns, and what others earn in the same occupation."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from makersync.settings import Settings
from reference.occupations import SOC_LENGTH

_NATION = "US"
_WITHHELD = frozenset({"", "-"})
#: Pay below the half or above the double of a median is far from it.
FAR_FROM_MEDIAN = 2


@dataclass(frozen=True, slots=True)
class PayLimits:
    """What lies outside is no pay for an hour: a wage in dollars, or one for a year. Operators set both (`Settings`)."""

    floor: int = 100
    ceiling: int = 100_000

    @classmethod
    def of(cls, settings: Settings) -> "PayLimits":
        return cls(settings.pay_floor, settings.pay_ceiling)

    def broken_by(self, cents: int) -> str | None:
        """What would be right, where `cents` is no pay for an hour."""
        if self.floor <= cents <= self.ceiling:
            return None
        return f"must be US cents an hour, from {self.floor} to {self.ceiling}: 2500 is 25 dollars an hour"


class MedianWages:
    """Median hourly wages in US cents by region and SOC code."""

    def __init__(self, medians: Mapping[tuple[str, str], int]) -> None:
        self._medians = medians
        self._nations = sorted(median for (region, _), median in medians.items() if region == _NATION)

    def median(self, region: str, occupation: str) -> int | None:
        """That of the region, else the nation's; None when the table has neither."""
        soc = occupation[:SOC_LENGTH]
        return self._medians.get((region, soc), self._medians.get((_NATION, soc)))

    def far_off(self, least: int, most: int, median: int | None) -> str | None:
        """Which rule says that pay from `least` to `most` is far from the median; where that is not known, from the medians of
        all occupations in the nation. None when it is not."""
        lowest, highest = (self._nations[0], self._nations[-1]) if median is None else (median, median)
        if most * FAR_FROM_MEDIAN < lowest:
            return "far_below_median"
        return "far_above_median" if least > FAR_FROM_MEDIAN * highest else None

    def words(self, rule: str, median: int | None) -> str:
        """What to say of pay that the rule finds far off."""
        how = "is less than half of" if rule == "far_below_median" else "is more than twice"
        if median is not None:
            return f"{how} the occupation's median there, or in the US, which is {median} US cents an hour"
        medians = f"{self._nations[0]} to {self._nations[-1]} US cents an hour"
        return f"{how} the median of every occupation in manufacturing, {medians}"


@lru_cache(maxsize=1)
def load_median_wages() -> MedianWages:
    """BLS OEWS, read once; without what BLS withholds."""
    text = (resources.files("reference") / "oews_manufacturing.csv").read_text(encoding="utf-8")
    rows = (row for row in csv.DictReader(text.splitlines()) if row["hourly_median_usd"] not in _WITHHELD)
    return MedianWages({(row["region"], row["soc"]): round(100 * float(row["hourly_median_usd"])) for row in rows})

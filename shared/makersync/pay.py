"""Pay, in US cents an hour: what no hour earns, and what others earn in the same occupation."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from makersync.occupations import SOC_LENGTH
from makersync.settings import Settings

_NATION = "US"
_WITHHELD = frozenset({"", "-"})


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

    def median(self, region: str, occupation: str) -> int | None:
        """That of the region, else the nation's; None when the table has neither."""
        soc = occupation[:SOC_LENGTH]
        return self._medians.get((region, soc), self._medians.get((_NATION, soc)))


@lru_cache(maxsize=1)
def load_median_wages() -> MedianWages:
    """BLS OEWS, read once; without what BLS withholds."""
    text = (resources.files("makersync") / "reference" / "oews_manufacturing.csv").read_text(encoding="utf-8")
    rows = (row for row in csv.DictReader(text.splitlines()) if row["hourly_median_usd"] not in _WITHHELD)
    return MedianWages({(row["region"], row["soc"]): round(100 * float(row["hourly_median_usd"])) for row in rows})

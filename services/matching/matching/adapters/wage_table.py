"""The wage table of the kit's reference folder, read once: `shared/reference/reference/README.md` says where it comes from."""

import csv
from functools import lru_cache
from importlib import resources

from matching.domain.indicators.wages import AreaOccupation, WageTable

_WITHHELD = ("", "-")


@lru_cache(maxsize=1)
def load_wages() -> WageTable:
    """BLS OEWS of May 2025, production occupations of 387 metropolitan areas and the nation."""
    text = (resources.files("reference") / "oews_manufacturing.csv").read_text(encoding="utf-8")
    lines = csv.DictReader(text.splitlines())
    return WageTable({(line["region"], line["soc"]): _line(line) for line in lines})


def _line(line: dict[str, str]) -> AreaOccupation:
    return AreaOccupation(
        int(line["employment"]), _hundredths(line["hourly_median_usd"]), _hundredths(line["location_quotient"])
    )


def _hundredths(text: str) -> int | None:
    return None if text in _WITHHELD else round(100 * float(text))

"""What is known of occupations in areas: the part of BLS Occupational Employment and Wage Statistics that indicators need."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

NATION = "US"
_SOC_LENGTH = len("51-9161")


@dataclass(frozen=True, slots=True)
class AreaOccupation:
    """One line of the table: workers, their median wage in US cents an hour, and the location quotient in hundredths (the
    occupation's share of the area's employment over its share of the nation's). None is what BLS withholds or does not have."""

    employment: int
    median: int | None
    quotient: int | None


@dataclass(frozen=True, slots=True)
class WageTable:
    """By (area, SOC code); areas are CBSA codes and ``US``. Wage and employment are as of the table's month."""

    lines: Mapping[tuple[str, str], AreaOccupation]

    def median(self, region: str, occupation: str) -> int | None:
        """The occupation's median in the area, else the nation's: for areas that the table leaves out or withholds, and for
        `remote` and nonmetropolitan regions. Takes O*NET-SOC codes as well (`51-9161.00`)."""
        soc = occupation[:_SOC_LENGTH]
        found = (self.lines.get((area, soc)) for area in (region, NATION))
        return next((line.median for line in found if line is not None and line.median is not None), None)

    def in_area(self, region: str, occupations: Iterable[str]) -> tuple[AreaOccupation, ...]:
        """The lines of the distinct occupations in the area, without those that have no quotient."""
        codes = sorted({occupation[:_SOC_LENGTH] for occupation in occupations})
        found = (self.lines.get((region, soc)) for soc in codes)
        return tuple(line for line in found if line is not None and line.quotient is not None)

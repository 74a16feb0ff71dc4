"""What the contracts share: field types and their bounds."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field

#: What every database and every arithmetic of the services holds, of sums over a nation too: see `docs/decisions/0031`.
MOST_POSITIONS, MOST_SEATS, MOST_CENTS = 10_000, 100_000, 10_000_000
MOST_COUNT, MOST_SUM = 2**31 - 1, 2**63 - 1
MOST_GROUPS, MOST_ALTERNATIVES, MOST_AWARDS, MOST_LISTED, MOST_CREDENTIALS = 50, 50, 200, 50, 10_000
LONGEST_TITLE, LONGEST_TEXT, LONGEST_WORD = 200, 1_000, 120
#: Dates that survive every time zone, and the arithmetic of months.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(9998, 12, 31)
NO_NUL = r"^[^\x00]*$"


def _within_the_years(instant: datetime) -> datetime:
    if not FIRST_DAY.year <= instant.year <= LAST_DAY.year:
        raise ValueError("a year from 1900 to 9998")
    return instant


Identifier = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]*$")]
Region = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^([0-9]{5}|nonmetro-[A-Z]{2}|remote)$")]
Zip = Annotated[str, Field(pattern=r"^[0-9]{5}$")]
Title = Annotated[str, Field(max_length=LONGEST_TITLE, pattern=NO_NUL)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT, pattern=NO_NUL)]
Word = Annotated[str, Field(max_length=LONGEST_WORD, pattern=NO_NUL)]
Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY, description="From 1900-01-01 to 9998-12-31.")]
Instant = Annotated[AwareDatetime, AfterValidator(_within_the_years)]
Level = Annotated[int, Field(ge=1, le=5, strict=True)]
Count = Annotated[int, Field(ge=0, le=MOST_COUNT, strict=True)]
#: In thousandths, or a sum over a region.
Sum = Annotated[int, Field(ge=0, le=MOST_SUM, strict=True)]
Version = Annotated[int, Field(ge=0, le=MOST_SUM, strict=True)]
Whole = Annotated[int, Field(ge=-MOST_SUM, le=MOST_SUM, strict=True)]
Positions = Annotated[int, Field(ge=1, le=MOST_POSITIONS, strict=True)]
Filled = Annotated[int, Field(ge=0, le=MOST_POSITIONS, strict=True)]
Seats = Annotated[int, Field(ge=0, le=MOST_SEATS, strict=True)]
Cents = Annotated[int, Field(ge=0, le=MOST_CENTS, strict=True, description="US cents an hour")]
Share = Annotated[int, Field(ge=0, le=10_000, strict=True)]
SHIFTS = ("day", "evening", "night", "weekend", "rotating")

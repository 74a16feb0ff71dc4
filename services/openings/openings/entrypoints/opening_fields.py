"""The fields that employers give about openings, each with its form and its meaning for a caller."""

from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field, StrictBool
from pydantic_core import PydanticCustomError

from contracts.vocabulary import Shift
from contracts.wire import ZONED
from openings.domain import opening_rules as rules

_ISO_DATE_LENGTH = len("2026-11-22")


def _demand_iso_date(value: object) -> object:
    """Refuses the numbers and instants that pydantic would turn into a date."""
    if not isinstance(value, str) or len(value) != _ISO_DATE_LENGTH:
        raise PydanticCustomError("date_format", "must be a date such as 2026-11-22")
    return value


Title = Annotated[
    str,
    Field(
        min_length=1,
        max_length=rules.LONGEST_TITLE,
        description="What the job is called, on one line. It informs people and decides nothing.",
        examples=["CNC machinist"],
    ),
]
Positions = Annotated[
    int,
    Field(ge=1, le=rules.MOST_POSITIONS, strict=True, description="People to hire in all, filled ones included.", examples=[3]),
]
Filled = Annotated[
    int,
    Field(
        ge=0,
        le=rules.MOST_POSITIONS,
        strict=True,
        description="Positions that are filled already, at most `positions`. The others remain.",
        examples=[1],
    ),
]
Occupation = Annotated[
    Annotated[str, Field(pattern=rules.OCCUPATION_PATTERN)] | None,
    Field(
        description="O*NET-SOC 2019 code, or null when unknown. A retired code is replaced by its successor, with a warning.",
        examples=["51-4041.00"],
    ),
]
ZipCode = Annotated[
    Annotated[str, Field(pattern=r"^[0-9]{5}$")] | None,
    Field(
        description="US ZIP code of the place of work, five digits; null for remote work. It decides the region, and with it "
        "who is within reach (MARKET.md section 1).",
        examples=["43604"],
    ),
]
Remote = Annotated[StrictBool, Field(description="True for work from anywhere, without `zip`.", examples=[False])]
Day = Annotated[date, BeforeValidator(_demand_iso_date)]
StartBy = Annotated[
    Day | None,
    Field(
        description=f"Calendar date {ZONED} by which work begins, not before `closes_on`. Learners who are available only "
        "later do not match; null: any date will do (MARKET.md section 6).",
        examples=["2026-11-30"],
    ),
]
ClosesOn = Annotated[
    Day | None,
    Field(
        description=f"The last calendar date {ZONED} on which candidates are matched; null: until the opening is filled or "
        "closed.",
        examples=["2026-11-29"],
    ),
]
Shifts = Annotated[
    tuple[Shift, ...],
    Field(
        max_length=10,
        description="When the work is done; empty: any. A learner who states shifts must share one (MARKET.md section 6).",
        examples=[["day", "evening"]],
    ),
]
Cents = Annotated[int, Field(ge=0, le=rules.MOST_CENTS, strict=True)]
WageMin = Annotated[
    Cents | None,
    Field(description="The least pay, US cents an hour: 2500 is 25 dollars an hour. Null: unknown.", examples=[2500]),
]
WageMax = Annotated[
    Cents | None,
    Field(
        description="The highest pay, US cents an hour. Learners who ask for more do not match; null: unknown, which keeps "
        "nobody out (MARKET.md section 6).",
        examples=[3100],
    ),
]

"""What a cohort's fields mean, the same in bodies and views (MARKET.md sections 12 and 14)."""

from typing import Annotated

from pydantic import Field

from contracts.wire import ZONED
from learners.domain.cohort import MOST_SEATS
from learners.entrypoints.fields import Day

SEATS = Field(description=f"How many people the cohort has room for, 1 to {MOST_SEATS}.", examples=[12])
ENROLLED = Field(
    description="Seats that are taken, at most `seats`: by learners enrolled here, and by people who are not registered here. "
    "The rest are open seats, which count as supply to come.",
    examples=[3],
)
STARTS_ON = Field(
    description=f"Calendar date {ZONED} on which the cohort begins, at most ten years ago.",
    examples=["2027-01-04"],
)
ENDS_ON = Field(
    description=f"Calendar date {ZONED} on which the cohort ends and its credential should be earned; nobody is enrolled from "
    "then on. Not before `starts_on` or today, at most ten years ahead.",
    examples=["2027-03-26"],
)

_SeatCount = Annotated[int, Field(ge=0, le=MOST_SEATS, strict=True)]
Seats = Annotated[_SeatCount, SEATS]
Enrolled = Annotated[_SeatCount, ENROLLED]
StartsOn = Annotated[Day, STARTS_ON]
EndsOn = Annotated[Day, ENDS_ON]

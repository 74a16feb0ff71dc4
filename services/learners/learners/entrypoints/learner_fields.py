"""What a learner's fields mean, the same in bodies and views."""

from typing import Annotated

from pydantic import Field

from contracts.wire import ZONED
from learners.domain.learner import DEFAULT_REACH_KM, LEAST_REACH_KM, MOST_REACH_KM, MOST_WAGE, SHIFTS

ZIP = Field(
    description="US ZIP code of the learner's home, five digits: it decides the learner's labour market and reach (MARKET.md "
    "section 1). Published with the learner's events, which have no person.",
    examples=["43604"],
)
REACH_KM = Field(
    description=f"How far from the home's ZIP code the learner would work, in a straight line: kilometres, {LEAST_REACH_KM} to "
    f"{MOST_REACH_KM}, usually {DEFAULT_REACH_KM}.",
    examples=[DEFAULT_REACH_KM],
)
REMOTE_OK = Field(
    description="Whether the learner would work remotely as well; if so, the region `remote` is part of the reach.",
    examples=[False],
)
SEEKING = Field(
    description="Whether the learner is looking for work. Nobody else is matched (MARKET.md section 6).",
    examples=[True],
)
CONSENTS = Field(
    description="Whether the learner has agreed to be matched with openings. Nobody is matched without it, and withdrawing it "
    "ends every match; the data stay here until the learner is erased (MARKET.md sections 6 and 10).",
    examples=[True],
)
AVAILABLE_FROM = Field(
    description=f"First calendar date {ZONED} on which the learner can begin to work, from 2000-01-01 to five years ahead. "
    "Null: unknown, which keeps the learner from no opening.",
    examples=["2026-11-30"],
)
SHIFTS_WORKED = Field(
    description=f"When the learner would work, any of {', '.join(SHIFTS)}. Empty: at any time.",
    examples=[["day", "evening"]],
)
WAGE_FLOOR = Field(
    description="Least pay that the learner takes, US cents an hour: 2500 is 25 dollars an hour. An opening whose highest pay "
    "is lower is no match (MARKET.md section 6). Null: unknown, which keeps the learner from no opening.",
    examples=[2500],
)
PERSON_NAME = Field(
    description="The learner's name, one line. Kept in this service's database alone, until the learner is erased.",
    examples=["Robin Example"],
)
EMAIL = Field(
    description="E-mail address of the learner; null when unknown. Kept like the name, and nothing is sent to it.",
    examples=["robin@example.com"],
)
PHONE = Field(
    description="Telephone number of the learner: digits, spaces and `( ) . / -`, with or without a leading `+`; null when "
    "unknown. Kept like the name.",
    examples=["+1 419 555 0100"],
)

STUDENT_NUMBER = Field(
    description="The number that the provider itself knows the learner by, one line; null when there is none. Kept like the "
    "name. Two learners may have the same.",
    examples=["A00417733"],
)

ZipCode = Annotated[str, Field(pattern=r"^[0-9]{5}$"), ZIP]
ReachKm = Annotated[int, Field(ge=LEAST_REACH_KM, le=MOST_REACH_KM, strict=True), REACH_KM]
WageFloor = Annotated[Annotated[int, Field(ge=0, le=MOST_WAGE, strict=True)] | None, WAGE_FLOOR]
Shifts = Annotated[tuple[str, ...], Field(max_length=10), SHIFTS_WORKED]

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
EmployerId = Annotated[
    Identifier,
    Field(description="Id of the employer, given by the openings service.", examples=["emp_01m8mx7zgr8tqsxzd2r0g2d4mb"]),
]
OpeningId = Annotated[
    Identifier,
    Field(description="Id of the opening, given by the openings service.", examples=["opn_01m8mx80qj6b9vw3tqf1p5n7ra"]),
]
ProviderId = Annotated[
    Identifier,
    Field(
        description="Id of the training provider, given by the learners service.", examples=["prv_01m8mx84ypv8jnze9ync437qkh"]
    ),
]
LearnerId = Annotated[
    Identifier,
    Field(
        description="Id of the learner. Only the learners service knows who that is.",
        examples=["lrn_01m8mx84efg85m31j5kvm7exvs"],
    ),
]
AwardId = Annotated[Identifier, Field(description="Id of the award.", examples=["awd_01m8mx85r2c7t9w4hq6x3v1n5k"])]
CohortId = Annotated[Identifier, Field(description="Id of the cohort.", examples=["coh_01m8mx86k4h9w2x7t1mq5v8r3n"])]
CredentialId = Annotated[
    Identifier,
    Field(
        description="Id of a credential definition in the catalog (MARKET.md section 2). One that the catalog does not define "
        "yet is held by nobody.",
        examples=["nims:cnc-milling-operator"],
    ),
]
CompetencyId = Annotated[
    Identifier,
    Field(description="Id of a competency in the catalog (MARKET.md section 2).", examples=["machining.cnc-milling"]),
]
#: Said of every calendar date.
ZONED = "in the deployment's time zone (`MAKERSYNC_TIME_ZONE`, UTC unless set)"
REGION_FORM = (
    "a CBSA code of five digits, `nonmetro-` and the state's two letters outside every CBSA, or `remote` (MARKET.md section 1)"
)
Region = Annotated[
    str,
    Field(
        min_length=1,
        max_length=40,
        pattern=r"^([0-9]{5}|nonmetro-[A-Z]{2}|remote)$",
        description=f"Region, the unit of a labour market: {REGION_FORM}.",
        examples=["45780"],
    ),
]
Zip = Annotated[
    str, Field(pattern=r"^[0-9]{5}$", description="US ZIP code of five digits, one of the reference table.", examples=["43604"])
]
Title = Annotated[str, Field(max_length=LONGEST_TITLE, pattern=NO_NUL)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT, pattern=NO_NUL)]
Word = Annotated[str, Field(max_length=LONGEST_WORD, pattern=NO_NUL)]
Day = Annotated[
    date,
    Field(
        ge=FIRST_DAY,
        le=LAST_DAY,
        description=f"Calendar date {ZONED}, from 1900-01-01 to 9998-12-31.",
        examples=["2026-11-22"],
    ),
]
Instant = Annotated[AwareDatetime, AfterValidator(_within_the_years)]
Level = Annotated[
    int,
    Field(
        ge=1,
        le=5,
        strict=True,
        description="Level of a competency, from 1 (aware) to 5 (expert): MARKET.md section 2.",
        examples=[3],
    ),
]
Count = Annotated[int, Field(ge=0, le=MOST_COUNT, strict=True)]
#: In thousandths, or a sum over a region.
Sum = Annotated[int, Field(ge=0, le=MOST_SUM, strict=True)]
Version = Annotated[int, Field(ge=0, le=MOST_SUM, strict=True)]
PolicyVersion = Annotated[
    Count,
    Field(
        description="Version of the policy that the result was computed by. The policy holds every weight, size and threshold "
        "of MARKET.md sections 8 to 13; version 1 is the default.",
        examples=[1],
    ),
]
Whole = Annotated[int, Field(ge=-MOST_SUM, le=MOST_SUM, strict=True)]
Positions = Annotated[int, Field(ge=1, le=MOST_POSITIONS, strict=True)]
Filled = Annotated[int, Field(ge=0, le=MOST_POSITIONS, strict=True)]
Seats = Annotated[int, Field(ge=0, le=MOST_SEATS, strict=True)]
Cents = Annotated[
    int,
    Field(ge=0, le=MOST_CENTS, strict=True, description="US cents an hour: 2500 is 25 dollars an hour.", examples=[2500]),
]
Share = Annotated[
    int,
    Field(
        ge=0, le=10_000, strict=True, description="Ten-thousandths: 10000 is the whole (MARKET.md section 8).", examples=[8000]
    ),
]
#: A share in thousandths: 1000 is the whole.
Thousandths = Annotated[int, Field(ge=0, le=1000, strict=True)]
SHIFTS = ("day", "evening", "night", "weekend", "rotating")

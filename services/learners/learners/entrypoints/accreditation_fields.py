"""What an accreditation's fields mean, the same in bodies and views."""

from pydantic import Field

from contracts.wire import ZONED

ACCREDITED_ISSUER = Field(
    description="Name of the issuer for which the provider is accredited, as a definition of the catalog has it; upper and "
    "lower case are the same.",
    examples=["National Institute for Metalworking Skills"],
)
SINCE = Field(
    description=f"First calendar date {ZONED} that it covers, from 1950-01-01 to 60 years ahead. Null: all that the provider "
    "has ever recorded is covered.",
    examples=["2026-11-01"],
)
ENDING_REASON = Field(
    description="Why an operator has ended it, one line of at most 1,000 characters; null: nothing was said.",
    examples=["The issuer has withdrawn its approval."],
)
UNTIL = Field(
    description=f"First calendar date {ZONED} that it no longer covers, after `since`, at most 60 years ahead. Null: until an "
    "operator ends it.",
    examples=["2028-11-01"],
)

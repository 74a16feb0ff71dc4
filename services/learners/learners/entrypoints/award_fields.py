"""What an award's fields mean, the same in bodies and views (MARKET.md section 4)."""

from pydantic import Field

from contracts.wire import ZONED

ISSUED_ON = Field(
    description=f"Calendar date {ZONED} on which the issuer awarded it, from 1950-01-01 to today. Null: unknown, and the "
    "award is not in force until it is known.",
    examples=["2026-11-20"],
)
EXPIRES_ON = Field(
    description=f"First calendar date {ZONED} on which it is no longer in force: after `issued_on`, at most 60 years ahead. "
    "Null: it does not expire; the definition's `valid_months` sets no date.",
    examples=["2028-11-20"],
)
EXPECTED_ON = Field(
    description=f"Calendar date {ZONED} on which an award in progress should be earned, at most ten years ahead: it counts as "
    "supply to come (MARKET.md section 12). Null: unknown, or not in progress.",
    examples=["2027-03-26"],
)

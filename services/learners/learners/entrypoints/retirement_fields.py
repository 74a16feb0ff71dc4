"""What a retirement's fields mean, the same in bodies and views."""

from pydantic import Field

RETIREMENT_REASON = Field(
    description="Why nothing new may name the credential, one line of at most 200 characters, for people to read.",
    examples=["The issuer has split it into operations and programming."],
)
SUPERSEDED_BY = Field(
    description="Id of the credential to name instead, itself not retired at that time; null: there is none.",
    examples=["nims:cnc-milling-programming"],
)

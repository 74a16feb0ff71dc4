"""What a proposal's fields mean, the same in bodies and views."""

from pydantic import Field

REJECTION_REASON = Field(
    description="Why an operator has rejected it, one line of at most 1,000 characters, for the provider to read.",
    examples=["The catalog has it as nims:cnc-milling-operator."],
)

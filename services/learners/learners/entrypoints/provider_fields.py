"""What a provider's fields mean, the same in bodies and views."""

from pydantic import Field

PROVIDER_NAME = Field(
    description="What people call the provider, one line of at most 200 characters. No event has it.",
    examples=["Toledo Technical College"],
)

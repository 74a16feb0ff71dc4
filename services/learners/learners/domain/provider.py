"""Training providers."""

from dataclasses import dataclass
from datetime import datetime

LOST_PREFIX, LOST_SUFFIX = "Name lost (", ")"


def lost_name(provider_id: str) -> str:
    """The name of a provider that only the topics know."""
    return f"{LOST_PREFIX}{provider_id}{LOST_SUFFIX}"


@dataclass(frozen=True, slots=True)
class Provider:
    """`announced` is the version that others know its name by, 0 for none."""

    provider_id: str
    name: str
    created_at: datetime
    version: int = 1
    announced: int = 0

    @property
    def is_nameless(self) -> bool:
        return self.name == lost_name(self.provider_id)

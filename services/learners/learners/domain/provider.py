"""Training providers."""

from dataclasses import dataclass
from datetime import datetime


def lost_name(provider_id: str) -> str:
    """The name of a provider that only the topics know."""
    return f"Name lost ({provider_id})"


@dataclass(frozen=True, slots=True)
class Provider:
    provider_id: str
    name: str
    created_at: datetime
    version: int = 1

    @property
    def is_nameless(self) -> bool:
        return self.name == lost_name(self.provider_id)

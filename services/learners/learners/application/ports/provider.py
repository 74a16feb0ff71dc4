"""What the handlers need of stored providers."""

from collections.abc import Sequence
from typing import Protocol

from learners.domain.provider import Provider


class Providers(Protocol):
    """The providers that the caller may see."""

    async def get(self, provider_id: str) -> Provider:
        """Raises Absent."""
        ...

    async def add(self, provider: Provider) -> None:
        """Raises Stale when there is one with this id."""
        ...

    async def claim(self, provider_id: str) -> Provider | None:
        """For changing: nobody else changes it before the transaction ends. None when there is none."""
        ...

    async def claim_unannounced(self, most: int) -> Sequence[Provider]:
        """Some of those whose names others do not know as they are. Those whose names are lost are left out."""
        ...

    async def save(self, provider: Provider) -> None: ...

    async def named_like(self, name: str) -> Sequence[Provider]:
        """Those whose names differ from it in case, accents, punctuation or spaces at most."""
        ...

"""What the handlers need of stored accreditations."""

from datetime import datetime
from typing import Protocol

from learners.domain.accreditation import Accreditation, Rederivation


class Accreditations(Protocol):
    """The accreditations of all providers."""

    async def get(self, accreditation_id: str) -> Accreditation:
        """For reading only. Raises Absent."""
        ...

    async def claim(self, accreditation_id: str) -> Accreditation:
        """For changing: nobody else changes it before the transaction ends. Raises Absent."""
        ...

    async def claim_all(self, provider_id: str, issuer: str) -> tuple[Accreditation, ...]:
        """Those of a provider for an issuer. Nobody adds or changes one before the transaction ends."""
        ...

    async def of(self, provider_id: str, issuer: str) -> tuple[Accreditation, ...]:
        """Those of a provider for an issuer, for reading only: they may change meanwhile."""
        ...

    async def add(self, accreditation: Accreditation) -> None:
        """Waits for transactions that have claimed the provider's accreditations."""
        ...

    async def save(self, accreditation: Accreditation) -> None:
        """Waits as `add` does. Raises Stale unless the version before is what is stored."""
        ...

    async def request_rederivation(self, provider_id: str, issuer: str, at: datetime) -> None: ...

    async def claim_rederivation(self) -> Rederivation | None:
        """The oldest that is not done and that no other transaction has claimed; nobody else gets it before this one ends."""
        ...

    async def advance(self, rederivation: Rederivation, after_learner: str, changed: int, done_at: datetime | None) -> None:
        """Record the progress. Raises Stale when somebody else has."""
        ...

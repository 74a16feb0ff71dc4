"""What the handlers need of stored accreditations."""

from datetime import datetime
from typing import Protocol

from learners.domain.accreditation import Accreditation, Rederivation


class Accreditations(Protocol):
    """The register of accreditations."""

    async def get(self, accreditation_id: str) -> Accreditation:
        """For reading. Raises Absent."""
        ...

    async def claim(self, accreditation_id: str) -> Accreditation:
        """It does not change until the transaction ends. Raises Absent."""
        ...

    async def claim_all(self, provider_id: str, issuer: str) -> tuple[Accreditation, ...]:
        """Those of a provider for an issuer. They do not change until the transaction ends."""
        ...

    async def of(self, provider_id: str, issuer: str) -> tuple[Accreditation, ...]:
        """The same for reading: others may change them meanwhile."""
        ...

    async def add(self, accreditation: Accreditation) -> None:
        """Waits for those who have read the provider's accreditations with `of`."""
        ...

    async def save(self, accreditation: Accreditation) -> None:
        """Waits as `add` does. Raises Stale unless the version before is what is stored."""
        ...

    async def request_rederivation(self, provider_id: str, issuer: str, at: datetime) -> None: ...

    async def claim_rederivation(self) -> Rederivation | None:
        """The oldest that is not done; nobody else gets it until the transaction ends. None also when another has it."""
        ...

    async def advance(self, rederivation: Rederivation, after_learner: str, changed: int, done_at: datetime | None) -> None:
        """Raises Stale when another has moved it on."""
        ...

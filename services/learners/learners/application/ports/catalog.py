"""What the handlers need of the stored catalog."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from learners.domain.catalog import Competency, CredentialDefinition, PublishedCredential


class Catalog(Protocol):
    """What operators have approved, which is the same for everybody."""

    async def credential(self, credential_id: str) -> PublishedCredential | None: ...

    async def credentials(self, wanted: Collection[str]) -> Mapping[str, PublishedCredential]:
        """Those of the wanted that are defined."""
        ...

    async def competencies(self, wanted: Collection[str]) -> Mapping[str, Competency]: ...

    async def competencies_like(self, name: str) -> Sequence[Competency]:
        """Those whose names differ from it in case, accents, punctuation or spaces at most."""
        ...

    async def of_issuers_like(self, issuer: str) -> Sequence[CredentialDefinition]:
        """Those of issuers whose names differ from it in case, accents, punctuation or spaces at most."""
        ...

    async def origins(self, issuer: str) -> frozenset[str | None]:
        """Who added the issuer's credentials (None: an operator or the reference catalog); empty when it has none."""
        ...

    async def put_credential(self, credential: PublishedCredential) -> None:
        """Raises Stale when its version is there already, or the one before is not."""
        ...

    async def put_competency(self, competency: Competency) -> None:
        """Raises Stale as `put_credential` does."""
        ...

"""What the handlers need of stored retirements."""

from collections.abc import Collection, Mapping
from typing import Protocol

from learners.domain.retirement import Retirement


class Retirements(Protocol):
    """Which definitions are retired."""

    async def of(self, credential: str) -> Retirement | None: ...

    async def among(self, credentials: Collection[str]) -> Mapping[str, Retirement]:
        """Those of the credentials that are retired."""
        ...

    async def put(self, retirement: Retirement) -> None: ...

    async def remove(self, credential: str) -> None: ...

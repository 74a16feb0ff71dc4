"""What the handlers need of stored proposals."""

from typing import Protocol

from learners.domain.proposal import Proposal


class Proposals(Protocol):
    """The proposals that the caller may see."""

    async def get(self, proposal_id: str) -> Proposal:
        """Raises Absent."""
        ...

    async def add(self, proposal: Proposal) -> None: ...

    async def save(self, proposal: Proposal) -> None:
        """Raises Stale unless the version before is what is stored."""
        ...

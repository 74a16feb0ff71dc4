"""What the handlers need of the providers' feeds."""

from collections.abc import Iterable
from typing import Protocol

from learners.domain.award import Award
from learners.domain.introduction import Introduction
from learners.domain.learner import Learner


class ProviderFeeds(Protocol):
    """Writes entries, within the transaction. What the matching service publishes is written where it is consumed."""

    async def concern(self, provider_id: str, region: str) -> None:
        """The provider is told of the region's signals from now on, beginning with those that are published already."""
        ...

    async def evidence_changed(self, learner: Learner, awards: Iterable[Award]) -> None:
        """Tell the learner's provider that the evidence of these awards is another from now on."""
        ...

    async def introduced(self, before: Introduction, after: Introduction) -> None:
        """The learner's side of an introduction has changed."""
        ...

    async def erased(self, learner: Learner) -> None:
        """Keep nothing about a learner who has just been erased, in the market's results or in the entries about them, and tell
        the provider that they have ended."""
        ...

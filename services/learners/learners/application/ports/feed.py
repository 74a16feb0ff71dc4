"""What the handlers need of the providers' feeds."""

from typing import Protocol

from learners.domain.learner import Learner


class ProviderFeeds(Protocol):
    """Writes entries, within the transaction. What the matching service publishes is written where it is consumed."""

    async def concern(self, provider_id: str, region: str) -> None:
        """The provider is told of the region's signals from now on, beginning with those that are published already."""
        ...

    async def erased(self, learner: Learner) -> None:
        """Keep nothing about a learner who has just been erased, in the market's results or in the entries about them, and tell
        the provider that they have ended."""
        ...

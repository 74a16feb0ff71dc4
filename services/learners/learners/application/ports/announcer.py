"""How the handlers publish events."""

from collections.abc import Sequence
from typing import Protocol

from learners.domain.catalog import Competency, PublishedCredential
from learners.domain.cohort import Cohort, CohortEvent
from learners.domain.introduction import IntroductionChange
from learners.domain.learner import Learner, LearnerChange
from learners.domain.provider import Provider


class Announcer(Protocol):
    """Writes events into the outbox, within the transaction."""

    async def learner(self, before: tuple[str, ...], changed: LearnerChange) -> None:
        """One event for every region of the reach, and one for each region of `before` that was left."""
        ...

    async def erased(self, learner: Learner, version: int) -> None: ...

    async def provider(self, provider: Provider) -> None: ...

    async def cohort(self, cohort: Cohort, kind: CohortEvent) -> None: ...

    async def introduction(self, changed: IntroductionChange) -> None: ...

    async def catalog(self, competencies: Sequence[Competency], credentials: Sequence[PublishedCredential]) -> None: ...

"""What the handlers need of stored learners."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from learners.domain.learner import Learner
from learners.domain.learner_person import Person


class Learners(Protocol):
    """The learners that the caller may see."""

    async def get(self, learner_id: str) -> Learner:
        """For reading only. Raises Absent, or MergedLearner when another one has taken in the learner."""
        ...

    async def claim(self, learner_id: str) -> Learner:
        """For changing: nobody else changes the learner before the transaction ends. Raises Absent."""
        ...

    async def is_erased(self, learner_id: str) -> bool: ...

    async def page_after(self, learner_id: str, most: int) -> Sequence[Learner]:
        """The first `most` by id after the one given, for reading only and without their awards."""
        ...

    async def person(self, learner_id: str) -> Person: ...

    async def add(self, learner: Learner, person: Person) -> None: ...

    async def save(self, before: Learner, after: Learner) -> None:
        """Raises Stale unless `before` is what is stored."""
        ...

    async def save_person(self, learner: Learner, person: Person) -> None: ...

    async def erase(self, learner: Learner, version: int, at: datetime, successor: str | None = None) -> None:
        """Delete all but the id, the version, the regions and the id of the learner who took in this one, and blank the
        learner's kept answers. Raises Stale."""
        ...

    async def claim_of_cohort(self, cohort_id: str) -> Sequence[Learner]:
        """Those who have an award of the cohort, by id, claimed."""
        ...

    async def claim_with_award_of(self, provider_id: str, issuer: str, after: str, most: int) -> Sequence[Learner]:
        """Those of the provider who have an award of the issuer, by id, after the one given, claimed."""
        ...

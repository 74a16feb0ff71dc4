"""What the handlers need of stored cohorts."""

from typing import Protocol

from learners.domain.cohort import Cohort


class Cohorts(Protocol):
    """The cohorts that the caller may see."""

    async def get(self, cohort_id: str) -> Cohort:
        """For reading only. Raises Absent."""
        ...

    async def claim(self, cohort_id: str) -> Cohort:
        """For changing: nobody else changes the cohort before the transaction ends. Claim learners before it. Raises Absent."""
        ...

    async def count_enrolled(self, cohort_id: str) -> int:
        """How many awards have a seat of the cohort."""
        ...

    async def add(self, cohort: Cohort) -> None: ...

    async def save(self, cohort: Cohort) -> None:
        """Raises Stale unless the version before is what is stored."""
        ...

"""What the handlers need of stored cohorts."""

from typing import Protocol

from learners.domain.cohort import Cohort


class Cohorts(Protocol):
    """The cohorts that the caller may see."""

    async def get(self, cohort_id: str) -> Cohort:
        """For reading. Raises Absent."""
        ...

    async def claim(self, cohort_id: str) -> Cohort:
        """For changing: held against others until the transaction ends. Learners are held before it. Raises Absent."""
        ...

    async def attending(self, cohort_id: str) -> int:
        """How many awards hold seats of the cohort."""
        ...

    async def add(self, cohort: Cohort) -> None: ...

    async def save(self, cohort: Cohort) -> None:
        """Raises Stale unless the version before is what is stored."""
        ...

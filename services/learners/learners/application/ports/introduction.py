"""What the handlers need of stored introductions, of the links of learners, and of the record of readings."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from learners.domain.introduction import Introduction
from learners.domain.learner_link import LearnerLink


class LearnerIntroductions(Protocol):
    """The introductions that the caller may see: a provider those of its own learners."""

    async def get(self, introduction_id: str) -> Introduction:
        """For reading only. Raises Absent."""
        ...

    async def claim_of(self, learner_id: str) -> Sequence[Introduction]:
        """All of the learner by id, for changing: nobody else changes them before the transaction ends. Claim the learner
        before, if there is one."""
        ...

    async def save(self, introduction: Introduction) -> None:
        """Keep the learner's side of a claimed introduction."""
        ...

    async def blank(self, learner_id: str) -> None:
        """Keep nothing that was said about an erased learner, nor links and readings."""
        ...

    async def settle_searches(self, learner_id: str) -> None:
        """The learner's search has started again: no hire that is undone resumes an earlier one."""
        ...

    async def due(self, today: date, overdue: datetime, most: int) -> Sequence[str]:
        """Ids of those that the service has to do something about: answers that are late, learners who are not available any
        more, hires that were noticed until `overdue` and are neither confirmed nor disputed, and hires that were undone."""
        ...


class LearnerLinks(Protocol):
    """The newest link of each introduction."""

    async def put(self, link: LearnerLink) -> None:
        """Replaces the introduction's link before."""
        ...

    async def with_digest(self, digest: str) -> LearnerLink:
        """Raises Absent."""
        ...


class ContactReadings(Protocol):
    """Who has read the contact of which introduction."""

    async def record(self, introduction: Introduction, at: datetime) -> None:
        """The introduction is claimed. Readings soon after another are one record, with the first, the last and how many."""
        ...

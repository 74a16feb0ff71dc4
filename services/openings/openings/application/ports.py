"""What the handlers need. The adapters provide it, bound to one transaction and to what the caller may see."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Protocol

from openings.domain.draft import Draft
from openings.domain.employer import Employer
from openings.domain.introduction import IntroductionRequest
from openings.domain.introduction_life import RequestChange
from openings.domain.opening import Opening, Terms
from openings.domain.opening_life import Change
from openings.domain.opening_remarks import Posting
from openings.domain.opening_rules import KnownIds
from openings.domain.preview import Preview
from openings.domain.shortlist import Candidate, FormerCandidate


class Openings(Protocol):
    """The openings that the caller may see. A claimed one is locked: nobody else changes it until the transaction ends."""

    async def claim(self, opening_id: str) -> Opening:
        """The opening at its newest version, locked. Raises NoSuchThing, also for another employer's opening."""
        ...

    async def add(self, opening: Opening) -> None: ...

    async def save(self, opening: Opening) -> None:
        """Write the next version over the one before. Raises VersionMismatch when the stored version is a different one."""
        ...

    async def posted_at(self, employer_id: str, terms: Terms) -> Sequence[Posting]:
        """The newest of the employer's open openings at the place of `terms`."""
        ...

    async def claim_expired(self, today: date, most: int) -> Sequence[Opening]:
        """Open ones whose closing date has passed without an event about it, locked. Those that another process has claimed
        are left to it."""
        ...

    async def claim_announced_too_early(self, today: date, most: int) -> Sequence[Opening]:
        """Open ones that were announced as expired although their closing date has not passed, locked."""
        ...


class EndingNotices(Protocol):
    """What employers are told in advance of the closing dates of their openings, in their feeds."""

    async def claim_due(self, today: date, days: int, most: int) -> Sequence[Opening]:
        """Open ones that close in at most so many days, and whose employer was not told so yet, locked. Those that another
        process has claimed are left to it."""
        ...

    async def give(self, opening: Opening, today: date, days: Sequence[int]) -> None:
        """Tell the employer once, for all of these numbers of days."""
        ...


class Employers(Protocol):
    """The employers that the caller may see."""

    async def get(self, employer_id: str) -> Employer:
        """For reading. Raises NoSuchThing, also for another employer."""
        ...

    async def claim(self, employer_id: str) -> Employer | None:
        """The employer, locked until the transaction ends; None when there is none."""
        ...

    async def add(self, employer: Employer) -> None:
        """Raises NotNow when there is already one with this id."""
        ...

    async def rename(self, employer: Employer) -> None: ...

    async def named_like(self, name: str) -> Sequence[Employer]:
        """Those whose names differ from it at most in case, accents, punctuation or spaces."""
        ...


class CatalogCopy(Protocol):
    """This service's copy of the catalog."""

    async def known_among(self, wanted: KnownIds) -> KnownIds:
        """Those of the wanted ids that the copy has."""
        ...


class Announcements(Protocol):
    async def record(self, change: Change) -> None:
        """Write the event of the change in the transaction."""
        ...


class Shortlists(Protocol):
    """The shortlists of openings that the caller has read before."""

    async def one(self, opening_id: str, learner_id: str) -> Candidate | FormerCandidate | None:
        """How the pair stands at this moment; None when nothing is known of it."""
        ...


class Introductions(Protocol):
    """The introductions that the caller may see. A claimed one is locked: nobody else changes it until the transaction ends.
    Who needs the opening too claims the opening first, and who needs several claims all of them at once: the consumer of
    answers does the same without the opening, and two that take them in other orders would wait for each other."""

    async def get(self, introduction_id: str) -> IntroductionRequest:
        """For reading. Raises NoSuchThing, also for another employer's."""
        ...

    async def claim(self, introduction_id: str) -> IntroductionRequest:
        """At its newest version, locked. Raises NoSuchThing, also for another employer's."""
        ...

    async def claim_open(self, opening_ids: Collection[str]) -> Sequence[IntroductionRequest]:
        """Those of the openings that have not ended, locked, in the order of their ids."""
        ...

    async def claim_with_open(self, introduction: IntroductionRequest) -> IntroductionRequest:
        """One that was read, at its newest version. It is locked together with those of its opening that have not ended."""
        ...

    async def of_pair(self, opening_id: str, learner_id: str) -> Sequence[IntroductionRequest]: ...

    async def asked_since(self, opening_id: str, since: datetime) -> Sequence[datetime]:
        """When the opening asked, after `since`."""
        ...

    async def hires(self, opening_id: str) -> int:
        """How many positions of the opening were filled by introductions."""
        ...

    async def add(self, introduction: IntroductionRequest) -> None: ...

    async def save(self, introduction: IntroductionRequest) -> None:
        """Write the next version over the one before. Raises VersionMismatch when the stored version is a different one."""
        ...


class Previews(Protocol):
    """The previews that the caller may see."""

    async def asked_since(self, employer_id: str, since: datetime) -> Sequence[datetime]:
        """When the employer asked for one, after `since`."""
        ...

    async def add(self, preview: Preview) -> None: ...

    async def give_up(self, preview_id: str) -> None:
        """Nobody has answered in time."""
        ...


class Drafts(Protocol):
    """The drafts that matching is asked about. A claimed one is locked until the transaction ends."""

    async def claim_of(self, employer_id: str) -> Sequence[Draft]:
        """All that the employer has ever had, locked."""
        ...

    async def claim_overdue(self, before: datetime, most: int) -> Sequence[Draft]:
        """Some that have asked since before that time, locked. Those that another process has claimed are left to it."""
        ...

    async def submit(self, draft: Draft, terms: Terms) -> None:
        """Write a new draft, or its next version, with what it asks about."""
        ...

    async def end(self, draft: Draft) -> None:
        """Write the next version, which asks for nothing."""
        ...


class DraftAnnouncements(Protocol):
    """Writes the events of drafts in the transaction."""

    async def submitted(self, draft: Draft, terms: Terms) -> None: ...

    async def ended(self, draft: Draft) -> None: ...


class IntroductionAnnouncements(Protocol):
    async def record(self, change: RequestChange) -> None:
        """Write the event of the change, and the entry of the employer's feed, in the transaction."""
        ...

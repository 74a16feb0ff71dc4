"""What the handlers need; the adapters fulfil it, bound to one transaction and to what the caller may see."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from makersync.clock import Clock
from openings.domain.employer import Employer
from openings.domain.life import Change, Moment
from openings.domain.opening import Opening, Terms
from openings.domain.remarks import Posting
from openings.domain.rules import KnownIds, Yardsticks
from reference.places import Places

#: Raises, in the words of the caller's protocol, unless the version that it is given is one that the caller knows.
Expectation = Callable[[int], None]


class Openings(Protocol):
    """The openings that the caller may see."""

    async def claim(self, opening_id: str) -> Opening:
        """The opening as it now is, which nobody else changes before this transaction ends. Raises NotFound, for another
        employer's too."""
        ...

    async def add(self, opening: Opening) -> None: ...

    async def save(self, opening: Opening) -> None:
        """Write the next version over the one before. Raises Stale when that one is not the stored one."""
        ...

    async def posted_at(self, employer_id: str, terms: Terms) -> Sequence[Posting]:
        """The newest of the employer's open openings at the place of `terms`."""
        ...

    async def past_closing(self, today: date, most: int) -> Sequence[Opening]:
        """Open ones whose closing date has passed and for which this was not told yet."""
        ...

    async def told_too_early(self, today: date, most: int) -> Sequence[Opening]:
        """Open ones of which an expiry was told and whose closing date has not passed."""
        ...


class Employers(Protocol):
    async def get(self, employer_id: str) -> Employer:
        """Raises NotFound, for another organisation too."""
        ...

    async def hold(self, employer_id: str) -> Employer | None:
        """Held against others until the transaction ends; None when there is none."""
        ...

    async def add(self, employer: Employer) -> None:
        """Raises NotNow when there is one with this id."""
        ...

    async def rename(self, employer: Employer) -> None: ...

    async def named_like(self, name: str) -> Sequence[Employer]:
        """Those whose names differ from it in case, accents, punctuation or spaces at most."""
        ...


class Definitions(Protocol):
    async def known_among(self, wanted: KnownIds) -> KnownIds:
        """Those of the wanted ids that the service's copy of the catalog has."""
        ...


class Announcements(Protocol):
    async def record(self, change: Change) -> None:
        """Write the change's event into the transaction."""
        ...


class OperatorLog(Protocol):
    def note(self, action: str, subject: str, detail: Mapping[str, str]) -> None:
        """Keep what the operator did, in the transaction."""
        ...


@dataclass(frozen=True, slots=True)
class OpeningsUnitOfWork:
    """One unit of work: everything on it belongs to the same transaction."""

    openings: Openings
    employers: Employers
    definitions: Definitions
    announcements: Announcements
    log: OperatorLog
    clock: Clock
    places: Places
    yardsticks: Yardsticks

    def moment(self) -> Moment:
        return Moment(self.clock.now(), self.clock.today())

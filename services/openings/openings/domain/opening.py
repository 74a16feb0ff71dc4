"""An opening and the terms of its job (MARKET.md section 3)."""

from dataclasses import dataclass
from datetime import date, datetime

from contracts.vocabulary import Necessity, OpeningStatus, Shift


@dataclass(frozen=True, slots=True)
class WantedCredential:
    """An alternative that a credential meets."""

    credential: str


@dataclass(frozen=True, slots=True)
class WantedCompetency:
    """An alternative that a competency meets, at this level (1..5) or above."""

    competency: str
    level: int


Alternative = WantedCredential | WantedCompetency


@dataclass(frozen=True, slots=True)
class Group:
    """One requirement, met by any of its alternatives, which stand in the order given."""

    id: str
    necessity: Necessity
    any_of: tuple[Alternative, ...]
    weight: int = 1
    verified_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the employer says about the job. Wages are US cents an hour; no shifts means any shift; None means unknown."""

    title: str
    positions: int
    occupation: str | None = None
    zip: str | None = None
    remote: bool = False
    start_by: date | None = None
    closes_on: date | None = None
    shifts: tuple[Shift, ...] = ()
    wage_min: int | None = None
    wage_max: int | None = None
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """An opening at one version. `region` follows from the place and never changes.

    `groups_version` is the version that last changed the groups. `expiry_announced_for` is the closing date for which
    `OpeningExpired` was published.
    """

    opening_id: str
    employer_id: str
    region: str
    terms: Terms
    filled: int
    status: OpeningStatus
    version: int
    groups_version: int
    published_at: datetime
    changed_at: datetime
    expiry_announced_for: date | None = None

    @property
    def remaining(self) -> int:
        """The number of positions that are not filled."""
        return self.terms.positions - self.filled

    def expired(self, day: date) -> bool:
        """Whether the closing date has passed on `day`, whatever the status."""
        return self.terms.closes_on is not None and day > self.terms.closes_on

    def live(self, day: date) -> bool:
        """Whether candidates are matched on `day` (MARKET.md section 3)."""
        return self.status is OpeningStatus.OPEN and self.remaining > 0 and not self.expired(day)

"""What an opening is (MARKET.md section 3)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Necessity(StrEnum):
    """How much a group matters: only `required` ones block."""

    REQUIRED = "required"
    TRAINABLE = "trainable"
    PREFERRED = "preferred"


class Status(StrEnum):
    """What the employer decided. That the closing date has passed is not a status: `Opening.expired` says it."""

    OPEN = "open"
    CLOSED = "closed"
    FILLED = "filled"


class Shift(StrEnum):
    """When the work is done."""

    DAY = "day"
    EVENING = "evening"
    NIGHT = "night"
    WEEKEND = "weekend"
    ROTATING = "rotating"


@dataclass(frozen=True, slots=True)
class WantedCredential:
    """One form of a requirement: a credential."""

    credential: str


@dataclass(frozen=True, slots=True)
class WantedCompetency:
    """One form of a requirement: a competency at a level (1..5) or above."""

    competency: str
    level: int


Alternative = WantedCredential | WantedCompetency


@dataclass(frozen=True, slots=True)
class Group:
    """One thing asked for, in one or more interchangeable forms, in the order given."""

    id: str
    necessity: Necessity
    any_of: tuple[Alternative, ...]
    weight: int = 1
    verified_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the employer says of the job. Wages are US cents an hour; no shifts means any; None means unknown."""

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

    `groups_version` is the version at which the groups became what they are; `expiry_told` the closing date for which
    `OpeningExpired` was published.
    """

    opening_id: str
    employer_id: str
    region: str
    terms: Terms
    filled: int
    status: Status
    version: int
    groups_version: int
    published_at: datetime
    changed_at: datetime
    expiry_told: date | None = None

    @property
    def remaining(self) -> int:
        """Positions still to be filled."""
        return self.terms.positions - self.filled

    def expired(self, day: date) -> bool:
        """Whether the closing date has passed on `day`, whatever the status."""
        return self.terms.closes_on is not None and day > self.terms.closes_on

    def live(self, day: date) -> bool:
        """Whether candidates are matched on `day` (MARKET.md section 3)."""
        return self.status is Status.OPEN and self.remaining > 0 and not self.expired(day)

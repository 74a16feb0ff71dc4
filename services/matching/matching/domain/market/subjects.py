"""What a labour market consists of: openings, learners and cohorts (MARKET.md sections 3, 4, 12 and 14).

None of these objects knows where it came from. An optional field that is None is unknown, and what is unknown
neither blocks nor scores.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from msgspec import Struct

from contracts.vocabulary import AwardStatus, Evidence, Necessity, OpeningStatus, Shift
from matching.domain.market.catalog import MarketCatalog, competency_subject, credential_subject
from matching.domain.market.policy import Policy

REACH_KM = 40
"""How far a learner travels when nothing is said (section 4)."""


@dataclass(frozen=True, slots=True)
class CredentialAlternative:
    """One form of a requirement: a credential (section 3)."""

    credential: str

    @property
    def subject(self) -> str:
        """``credential:ID``."""
        return credential_subject(self.credential)


@dataclass(frozen=True, slots=True)
class CompetencyAlternative:
    """One form of a requirement: a competency at a level (1..5) or above (section 3)."""

    competency: str
    level: int

    @property
    def subject(self) -> str:
        """``competency:ID@LEVEL``."""
        return competency_subject(self.competency, self.level)


Alternative = CredentialAlternative | CompetencyAlternative


@dataclass(frozen=True, slots=True)
class RequirementGroup:
    """One thing asked for, in one or more interchangeable forms (section 3).

    `any_of` is not empty and keeps identical alternatives once, in the order given; `weight` is 1..10 and
    counts only among preferred and among trainable groups.
    """

    id: str
    necessity: Necessity
    any_of: tuple[Alternative, ...]
    weight: int = 1
    verified_only: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "any_of", tuple(dict.fromkeys(self.any_of)))

    @property
    def subjects(self) -> frozenset[str]:
        """The subjects of its alternatives."""
        return frozenset(alternative.subject for alternative in self.any_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketOpening:
    """A job with positions to fill (section 3).

    Exactly one of `zip` and `remote` is set; `region` follows from it (section 1) and never changes.
    Wages are US cents an hour. `shifts` empty means any.
    """

    opening_id: str
    employer_id: str
    title: str
    region: str
    zip: str | None = None
    remote: bool = False
    positions: int = 1
    filled: int = 0
    occupation: str | None = None
    start_by: date | None = None
    closes_on: date | None = None
    shifts: frozenset[Shift] = frozenset()
    wage_min: int | None = None
    wage_max: int | None = None
    groups: tuple[RequirementGroup, ...] = ()
    status: OpeningStatus = OpeningStatus.OPEN
    version: int = 1

    @property
    def remaining(self) -> int:
        """Positions not yet filled."""
        return self.positions - self.filled

    @property
    def looks_for_people(self) -> bool:
        """Open with a position left, whatever the date."""
        return self.status == OpeningStatus.OPEN and self.remaining > 0

    def expired_on(self, day: date) -> bool:
        """Whether `day` is after the last day of applications."""
        return self.closes_on is not None and day > self.closes_on

    def live_on(self, day: date) -> bool:
        """Whether it takes part in matching on `day` (section 3)."""
        return self.looks_for_people and not self.expired_on(day)

    @property
    def required(self) -> tuple[RequirementGroup, ...]:
        """The groups that block, in the opening's order."""
        return tuple(group for group in self.groups if group.necessity == Necessity.REQUIRED)


class MarketAward(Struct, frozen=True, kw_only=True, gc=False):
    """A credential that a learner has, had or works towards (section 4)."""

    award_id: str
    credential: str
    status: AwardStatus
    evidence: Evidence
    issued_on: date | None = None
    expires_on: date | None = None
    expected_on: date | None = None

    def in_force_on(self, day: date) -> bool:
        """Active, issued by `day` and not yet expired; without a known issue date it is not in force."""
        issued = self.issued_on is not None and self.issued_on <= day
        return self.status == AwardStatus.ACTIVE and issued and (self.expires_on is None or day < self.expires_on)

    def expected_by(self, day: date) -> bool:
        """In progress with a known end on or before `day`; one that is overdue is still expected (section 12)."""
        return self.status == AwardStatus.IN_PROGRESS and self.expected_on is not None and self.expected_on <= day


class MarketLearner(Struct, frozen=True, kw_only=True, gc=False):
    """A person who earns credentials and may look for work, without anything that identifies them (section 4).

    `reach_km` is 1..300; `wage_floor` is US cents an hour; `shifts` empty means any.
    """

    learner_id: str
    provider_id: str
    zip: str
    seeking: bool
    consents_to_matching: bool
    reach_km: int = REACH_KM
    remote_ok: bool = False
    seeking_since: date | None = None
    available_from: date | None = None
    shifts: frozenset[Shift] = frozenset()
    wage_floor: int | None = None
    awards: tuple[MarketAward, ...] = ()
    version: int = 1

    def awards_in_force(self, day: date) -> tuple[MarketAward, ...]:
        """The awards in force on `day`, in the learner's order."""
        return tuple(award for award in self.awards if award.in_force_on(day))

    @property
    def participates(self) -> bool:
        """Seeks work and consents to matching: otherwise no opening and no supply count sees the learner."""
        return self.seeking and self.consents_to_matching


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketCohort:
    """A class that ends with a credential (sections 12 and 14); `enrolled` may exceed `seats`."""

    cohort_id: str
    provider_id: str
    credential: str
    region: str
    seats: int
    enrolled: int
    starts_on: date
    ends_on: date
    version: int = 1

    @property
    def open_seats(self) -> int:
        """Seats that nobody has taken, never below 0."""
        return max(0, self.seats - self.enrolled)

    def ends_within(self, day: date, last: date) -> bool:
        """Whether it ends after `day` and by `last`."""
        return day < self.ends_on <= last


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """A whole market on a day: all that the rules are a function of (section 14)."""

    day: date
    policy: Policy
    catalog: MarketCatalog
    openings: tuple[MarketOpening, ...] = ()
    learners: tuple[MarketLearner, ...] = ()
    cohorts: tuple[MarketCohort, ...] = ()


def credentials_of(awards: Iterable[MarketAward]) -> frozenset[str]:
    """The distinct credentials of `awards`."""
    return frozenset(award.credential for award in awards)

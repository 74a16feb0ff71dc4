"""What the demo market consists of, before any service gave it an id. `key` is the demo's own name for each thing."""

from dataclasses import dataclass
from datetime import date

from demo.market.atlas import Alternative


@dataclass(frozen=True, slots=True)
class EmployerDraft:
    key: str
    name: str
    region: str


@dataclass(frozen=True, slots=True)
class GroupDraft:
    id: str
    necessity: str
    any_of: tuple[Alternative, ...]
    weight: int = 1
    verified_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningDraft:
    """An opening as its employer publishes it (MARKET.md section 3); `employer` is that employer's key."""

    key: str
    employer: str
    region: str
    title: str
    occupation: str
    zip: str | None
    remote: bool
    positions: int
    filled: int
    start_by: date | None
    closes_on: date | None
    shifts: tuple[str, ...]
    wage_min: int | None
    wage_max: int | None
    groups: tuple[GroupDraft, ...]


@dataclass(frozen=True, slots=True)
class ProviderDraft:
    """A training provider of a region; operators accredit it for `issuers`."""

    key: str
    name: str
    region: str
    issuers: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardDraft:
    """An award in the state that the demo wants it in; a suspended or revoked one is recorded as active first."""

    key: str
    credential: str
    status: str
    issued_on: date | None = None
    expires_on: date | None = None
    expected_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnerDraft:
    """A learner as the provider registers it (MARKET.md section 4); `provider` is that provider's key."""

    key: str
    provider: str
    region: str
    name: str
    email: str
    zip: str
    reach_km: int
    remote_ok: bool
    seeking: bool
    seeking_since: date | None
    consents: bool
    available_from: date | None
    shifts: tuple[str, ...]
    wage_floor: int | None
    awards: tuple[AwardDraft, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortDraft:
    key: str
    provider: str
    credential: str
    region: str
    seats: int
    enrolled: int
    starts_on: date
    ends_on: date

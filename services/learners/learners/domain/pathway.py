"""One credential away: what more a learner would reach with one more credential (MARKET.md section 11)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from learners.domain.opening import PublicOpening

PATHWAY_SIZE = 5
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class UnlockedPositions:
    """The positions that a credential would unlock, and ids of some of the openings; None: they were not named yet."""

    positions: int
    openings: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class RegionPathway:
    """What the matching service published for one region: what each credential would unlock, as of `as_of`."""

    region: str
    unlocked: Mapping[str, UnlockedPositions]
    as_of: datetime


@dataclass(frozen=True, slots=True)
class PathwayStep:
    """A credential that a learner lacks, the positions of all regions that it alone would unlock, and of each; and ids of some
    of the openings, None where no region has named any yet."""

    credential: str
    unlocked: int
    training_weeks: int | None
    regions: Mapping[str, int]
    openings: tuple[str, ...] | None


def credentials_in(pathways: Iterable[RegionPathway]) -> frozenset[str]:
    """Every credential that unlocks something somewhere."""
    return frozenset(credential for pathway in pathways for credential in pathway.unlocked)


def openings_in(steps: Iterable[PathwayStep]) -> frozenset[str]:
    """Every opening that is named."""
    return frozenset(opening_id for step in steps for opening_id in step.openings or ())


def jobs_behind(named: Iterable[str] | None, openings: Mapping[str, PublicOpening]) -> tuple[PublicOpening, ...] | None:
    """The best of the named openings that still look for people, as far as they are known: more positions first, then by id.
    None where none were named."""
    if named is None:
        return None
    known = [openings[opening_id] for opening_id in named if opening_id in openings]
    ranked = sorted((each for each in known if each.looks_for_people), key=lambda each: (-each.remaining, each.opening_id))
    return tuple(ranked[:MOST_NAMED])


def best_steps(pathways: Iterable[RegionPathway], weeks: Mapping[str, int | None]) -> tuple[PathwayStep, ...]:
    """The regions summed and cut: more positions first, then shorter training (unknown last), then by id."""
    regions: dict[str, dict[str, UnlockedPositions]] = {}
    for pathway in pathways:
        for credential, unlocked in pathway.unlocked.items():
            regions.setdefault(credential, {})[pathway.region] = unlocked
    steps = [_step(credential, found, weeks.get(credential)) for credential, found in regions.items()]
    return tuple(sorted(steps, key=_place)[:PATHWAY_SIZE])


def _step(credential: str, found: Mapping[str, UnlockedPositions], weeks: int | None) -> PathwayStep:
    positions = {region: each.positions for region, each in found.items()}
    named = [each.openings for each in found.values() if each.openings is not None]
    openings = tuple(opening_id for each in named for opening_id in each) if named else None
    return PathwayStep(credential, sum(positions.values()), weeks, positions, openings)


def _place(step: PathwayStep) -> tuple[int, bool, int, str]:
    return -step.unlocked, step.training_weeks is None, step.training_weeks or 0, step.credential


@dataclass(frozen=True, slots=True)
class CredentialReach:
    """What one more credential would do for a provider's learners.

    `positions` are at least so many different ones: of each region the most that are open to one of them. `unlocked` adds up
    the learners, so that a position open to two of them counts twice.
    """

    credential: str
    learners: int
    positions: int
    unlocked: int


@dataclass(frozen=True, slots=True)
class LearnerReach:
    """What the credential would unlock for one learner, all regions together."""

    learner_id: str
    unlocked: int

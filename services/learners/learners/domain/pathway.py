"""One credential away: what more a learner would reach with one more credential (MARKET.md section 11)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

PATHWAY_SIZE = 5


@dataclass(frozen=True, slots=True)
class RegionPathway:
    """What the matching service published for one region: the positions that each credential would unlock, as of `as_of`."""

    region: str
    unlocked: Mapping[str, int]
    as_of: datetime


@dataclass(frozen=True, slots=True)
class PathwayStep:
    """A credential that a learner lacks, the positions of all regions that it alone would unlock, and of each."""

    credential: str
    unlocked: int
    training_weeks: int | None
    regions: Mapping[str, int]


def credentials_in(pathways: Iterable[RegionPathway]) -> frozenset[str]:
    """Every credential that unlocks something somewhere."""
    return frozenset(credential for pathway in pathways for credential in pathway.unlocked)


def best_steps(pathways: Iterable[RegionPathway], weeks: Mapping[str, int | None]) -> tuple[PathwayStep, ...]:
    """The regions summed and cut: more positions first, then shorter training (unknown last), then by id."""
    regions: dict[str, dict[str, int]] = {}
    for pathway in pathways:
        for credential, unlocked in pathway.unlocked.items():
            regions.setdefault(credential, {})[pathway.region] = unlocked
    steps = [PathwayStep(each, sum(found.values()), weeks.get(each), found) for each, found in regions.items()]
    return tuple(sorted(steps, key=_place)[:PATHWAY_SIZE])


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

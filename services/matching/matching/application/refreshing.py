"""The pathways of one partition number: what is published of them after a batch (MARKET.md section 11)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from makersync.envelope import Envelope
from matching.application.settling import PartitionMarket, TakenSubject
from matching.domain.market.catalog import MarketCatalog
from matching.domain.market.policy import Policy
from matching.domain.pathways.published import PathwayChange, PathwayRecord, PublishedPathways
from matching.domain.pathways.refresh_plan import RefreshPace, RefreshPlan


@dataclass(frozen=True, slots=True)
class PathwayAnnouncement:
    """A pathway change with what its event adds: the instant and rules it was true under, and the event it follows from."""

    change: PathwayChange
    policy_version: int
    day: date
    as_of: datetime
    cause: Envelope | None


@dataclass(frozen=True, slots=True)
class PacedMoment:
    """Now, as an instant in UTC and as monotonic seconds."""

    at: datetime
    seconds: float


class PartitionPathways:
    """Pure state without I/O or clock. A new object sweeps every region, so that learners who waited in the one before it are
    looked at."""

    def __init__(
        self, records: Mapping[str, Iterable[PathwayRecord]], seconds: float, floors: Mapping[str, int] | None = None
    ) -> None:
        """`records` and `floors` by region."""
        self._plan = RefreshPlan(seconds)
        floors = floors or {}
        self._published = {
            region: PublishedPathways(region, records.get(region, ()), floors.get(region, 0))
            for region in records.keys() | floors.keys()
        }
        self._stands_on: tuple[MarketCatalog, date] | None = None

    def floors(self) -> dict[str, int]:
        """By region, the version above which pathways continue whose own versions were forgotten."""
        return {region: published.floor for region, published in self._published.items()}

    def due(self, seconds: float, policy: Policy) -> bool:
        """Whether some pathway may be looked at now."""
        return self._plan.due(seconds, pace_of(policy))

    def refresh(self, market: PartitionMarket, news: Sequence[TakenSubject], now: PacedMoment) -> list[PathwayAnnouncement]:
        """Call it after `market` has taken `news`: it ends the pathways of those who left, and looks at who is due once all is
        settled."""
        changes = [change for taken in news if (change := self._hear(taken)) is not None]
        self._hear_of_rules(market)
        causes = {(taken.region, taken.subject_id): taken.cause for taken in news if taken.kind == "learner"}
        due: Sequence[tuple[str, str]] = ()
        if not market.unsettled:
            due = self._plan.take(now.seconds, pace_of(market.rules.policy), lambda region: self._everybody(market, region))
        changes += [change for each in due if (change := self._look(market, *each)) is not None]
        return [
            PathwayAnnouncement(
                change=change,
                policy_version=market.rules.policy.version,
                day=market.day,
                as_of=now.at,
                cause=causes.get((change.region, change.record.learner_id)),
            )
            for change in changes
        ]

    def _hear(self, taken: TakenSubject) -> PathwayChange | None:
        if taken.kind == "opening":
            self._plan.region_changed(taken.region)
        elif taken.kind == "learner" and taken.subject is not None:
            self._plan.subject_changed(taken.region, taken.subject_id)
        elif taken.kind == "learner":
            self._plan.subject_left(taken.region, taken.subject_id)
            return self._published_in(taken.region).end(taken.subject_id)
        return None

    def _hear_of_rules(self, market: PartitionMarket) -> None:
        stands_on = market.rules.catalog, market.day
        if stands_on != self._stands_on:
            self._stands_on = stands_on
            for region in market.markets:
                self._plan.region_changed(region)

    def _everybody(self, market: PartitionMarket, region: str) -> Iterable[str]:
        """The learners who reach the region, and those with a published list who have left it."""
        return dict.fromkeys([*market.markets[region].learner_ids(), *self._published_in(region).listed()])

    def _look(self, market: PartitionMarket, region: str, learner_id: str) -> PathwayChange | None:
        learner = market.markets[region].learner(learner_id)
        if learner is None:
            return self._published_in(region).end(learner_id)
        return self._published_in(region).publish(learner_id, learner.provider_id, market.markets[region].unlocked(learner_id))

    def _published_in(self, region: str) -> PublishedPathways:
        return self._published.setdefault(region, PublishedPathways(region))


def pace_of(policy: Policy) -> RefreshPace:
    """The pace of pathways that a policy sets."""
    return RefreshPace(policy.pathway_rate, policy.refresh_seconds)

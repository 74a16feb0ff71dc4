"""The messages by which the markets of a world learn what happened to its subjects."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from matching.domain.market.subjects import MarketCohort, MarketLearner, MarketOpening
from matching.domain.region.live_market import RegionMarket
from matching.domain.region.state import Ending


@dataclass(frozen=True)
class Message:
    """One message to one region's market; `take` delivers it and returns whether it was new."""

    region: str
    subject: tuple[str, str]
    version: int
    take: Callable[[RegionMarket], bool]


def learner_put(learner: MarketLearner, reached: Mapping[str, bool]) -> list[Message]:
    """The learner's state for each region that the reach has, and a withdrawal for each other one."""
    subject = ("learner", learner.learner_id)

    def put(market: RegionMarket) -> bool:
        return market.put_learner(learner)

    def withdraw(market: RegionMarket) -> bool:
        return market.remove_learner(learner.learner_id, learner.version, Ending.WITHDRAWN)

    return [Message(region, subject, learner.version, put if here else withdraw) for region, here in reached.items()]


def learner_erased(learner_id: str, version: int, regions: Iterable[str]) -> list[Message]:
    def erase(market: RegionMarket) -> bool:
        return market.remove_learner(learner_id, version, Ending.ERASED)

    return [Message(region, ("learner", learner_id), version, erase) for region in regions]


def opening_put(opening: MarketOpening) -> list[Message]:
    return [Message(opening.region, ("opening", opening.opening_id), opening.version, lambda m: m.put_opening(opening))]


def opening_removed(opening: MarketOpening) -> list[Message]:
    def remove(market: RegionMarket) -> bool:
        return market.remove_opening(opening.opening_id, opening.version)

    return [Message(opening.region, ("opening", opening.opening_id), opening.version, remove)]


def cohort_put(cohort: MarketCohort) -> list[Message]:
    return [Message(cohort.region, ("cohort", cohort.cohort_id), cohort.version, lambda m: m.put_cohort(cohort))]


def cohort_removed(cohort: MarketCohort) -> list[Message]:
    def remove(market: RegionMarket) -> bool:
        return market.remove_cohort(cohort.cohort_id, cohort.version)

    return [Message(cohort.region, ("cohort", cohort.cohort_id), cohort.version, remove)]

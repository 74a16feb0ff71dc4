"""The nation that is replayed: every region, openings and learners drawn by employment, in no order of regions."""

from demo.market.atlas import load_atlas
from demo.market.drafts import LearnerDraft
from demo.market.generated_market import GeneratedMarket
from demo.market.plan import MarketPlan
from makersync.clock import WallClock
from tests.performance.markets import SEED
from tests.performance.people import experienced

LEARNERS, OPENINGS = 1_000_000, 500_000


def nation(learners: int, openings: int) -> GeneratedMarket:
    atlas = load_atlas()
    return GeneratedMarket(MarketPlan(tuple(atlas.regions), openings, learners, SEED, WallClock().today()), atlas)


def learner(market: GeneratedMarket, place: int) -> LearnerDraft:
    """Any of them alone, the same each time."""
    return experienced(market, market.supply.another_learner(place, market.plan.day))

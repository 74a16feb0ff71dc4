"""The nation that is replayed: every region, openings and learners drawn by employment, in no order of regions."""

from makersync.clock import WallClock
from makersync.demo.atlas import load_atlas
from makersync.demo.drafts import LearnerDraft
from makersync.demo.market import Market
from makersync.demo.plan import MarketPlan
from tests.performance.markets import SEED
from tests.performance.people import experienced

LEARNERS, OPENINGS = 1_000_000, 500_000


def nation(learners: int, openings: int) -> Market:
    atlas = load_atlas()
    return Market(MarketPlan(tuple(atlas.regions), openings, learners, SEED, WallClock().today()), atlas)


def learner(market: Market, place: int) -> LearnerDraft:
    """Any of them alone, the same each time."""
    return experienced(market, market.supply.another_learner(place, market.plan.day))

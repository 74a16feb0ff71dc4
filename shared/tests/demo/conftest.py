from datetime import date

import pytest

from makersync.demo.atlas import Atlas, load_atlas
from makersync.demo.market import Market
from makersync.demo.plan import MarketPlan, choose_regions

DAY = date(2026, 11, 20)


@pytest.fixture(scope="session")
def atlas() -> Atlas:
    return load_atlas()


@pytest.fixture(scope="session")
def market(atlas: Atlas) -> Market:
    """The market that `makersync demo` loads by default."""
    return Market(MarketPlan(choose_regions("5", atlas), openings=300, learners=1000, seed=7, day=DAY), atlas)

from datetime import date

import pytest

from demo.market.atlas import Atlas, load_atlas
from demo.market.generated_market import GeneratedMarket
from demo.market.plan import MarketPlan, choose_regions

DAY = date(2026, 11, 20)


@pytest.fixture(scope="session")
def atlas() -> Atlas:
    return load_atlas()


@pytest.fixture(scope="session")
def market(atlas: Atlas) -> GeneratedMarket:
    """The market that `makersync demo` loads by default."""
    return GeneratedMarket(MarketPlan(choose_regions("5", atlas), openings=300, learners=1000, seed=7, day=DAY), atlas)

"""One learner's news must not hold up a busy market."""

import time
from random import Random

from examples import CLEVELAND_REGION, DAY, catalog, definition, group, learner, opening
from examples import award as awarded

from makersync.places import Places
from matching.domain.catalog import Catalog, CompetencyLevel
from matching.domain.market import Learner, Opening
from matching.domain.policy import Policy
from matching.domain.records import RegionState
from matching.domain.region import RegionMarket

OPENINGS, LEARNERS, EVENTS = 500, 500, 60
LIMIT_MS = 25
"""More than ten times what it takes alone, because other work shares the processor with the tests."""


def test_a_learner_s_news_among_500_openings_settles_in_milliseconds(places: Places) -> None:
    rng, known = Random(5), busy_catalog()
    openings = tuple(random_opening(rng, number) for number in range(OPENINGS))
    learners = tuple(random_learner(rng, number, 1) for number in range(LEARNERS))
    state = RegionState(region=CLEVELAND_REGION, day=DAY, openings=openings, learners=learners)
    market = RegionMarket(state, known, Policy(), places)
    assert market.settle().matches
    news = [random_learner(rng, number, 2) for number in range(EVENTS)]
    begun = time.process_time()
    changes = sum(_settled(market, person) for person in news)
    elapsed_ms = 1000 * (time.process_time() - begun) / EVENTS
    assert changes
    assert elapsed_ms < LIMIT_MS


def _settled(market: RegionMarket, person: Learner) -> int:
    market.put_learner(person)
    return len(market.settle().matches)


def busy_catalog() -> Catalog:
    return catalog(*(definition(f"c{n}", confers=(CompetencyLevel(f"k{n % 20}", 3),)) for n in range(60)))


def random_opening(rng: Random, number: int) -> Opening:
    groups = [group(f"c{rng.randrange(60)}", (f"k{rng.randrange(20)}", 2), group_id=f"g{n}") for n in range(2)]
    return opening(*groups, opening_id=f"o{number}", employer_id=f"e{number % 50}")


def random_learner(rng: Random, number: int, version: int) -> Learner:
    awards = (awarded(f"c{rng.randrange(60)}", f"a{number}-{n}") for n in range(4))
    return learner(*awards, learner_id=f"l{number}", version=version)

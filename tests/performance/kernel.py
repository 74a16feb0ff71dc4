"""Measure 1: the engine of one region, beside a PostgreSQL GIN matcher that is asked the same on the same data."""

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import TypeVar

from demo.market.drafts import LearnerDraft, OpeningDraft
from demo.market.generated_market import GeneratedMarket
from matching.domain.market.policy import Policy
from matching.domain.market.subjects import MarketLearner, MarketOpening
from matching.domain.region.live_market import RegionMarket
from matching.domain.region.state import RegionState
from matching.domain.rules.groups import ask
from matching.domain.rules.pairing import NearMiss, Qualified, standing_of
from matching.domain.rules.profile import Rules, profile_of
from reference.places import load_places
from tests.performance.figures import Figure, ratio
from tests.performance.gin import GinMatcher, opened_gin
from tests.performance.markets import REGION, local_openings, measured_market
from tests.performance.mix import LearnerEvent, LearnerMix, OpeningMix
from tests.performance.people import People, catalog_of, experienced, opening_of
from tests.performance.printing import Told
from tests.performance.sizes import Sizes
from tests.performance.waiting import BenchStuck

MEASURE = "kernel"
UNIT = "events/s"
#: Settled together.
BATCH = 500
#: Learners who move; the others stand still and count as much.
PLAYERS = 20_000
#: Pairs of the sample from which the shares of qualified and near misses are told.
SAMPLED = (200, 1000)
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Data:
    """What both matchers are loaded with, and what happens then."""

    rules: Rules
    learners: Sequence[MarketLearner]
    openings: Sequence[MarketOpening]
    zips: Sequence[str]
    learner_events: Iterator[MarketLearner]
    opening_events: Iterator[MarketOpening]


def kernel_data(openings: int, learners: int) -> Data:
    market = measured_market(openings, learners)
    people, rules = People(market), Rules(catalog_of(market.atlas), Policy(), load_places(), market.plan.day)
    players: list[LearnerDraft] = []
    everyone = []
    for draft in market.learners():
        full = experienced(market, draft)
        everyone.append(people.learner(full))
        if len(players) < PLAYERS:
            players.append(full)
    drafts = list(local_openings(market, openings))
    return Data(
        rules,
        everyone,
        [opening_of(draft) for draft in drafts],
        market.atlas.region(REGION).zips,
        _learner_events(LearnerMix(market, players).events(), people),
        _opening_events(market, drafts),
    )


def _learner_events(events: Iterator[LearnerEvent], people: People) -> Iterator[MarketLearner]:
    return (people.learner(event.draft, event.version) for event in events)


def _opening_events(market: GeneratedMarket, drafts: Sequence[OpeningDraft]) -> Iterator[MarketOpening]:
    return (opening_of(event.draft, event.version, event.status) for event in OpeningMix(market, drafts).events())


async def measure_kernel(gin_url: str | None, sizes: Sizes, told: Told) -> Sequence[Figure]:
    """`gin_url` None: without the PostgreSQL beside it."""
    told(f"kernel: making {sizes.kernel_openings:,} openings and {sizes.kernel_learners:,} learners")
    data = kernel_data(sizes.kernel_openings, sizes.kernel_learners)
    begun = time.perf_counter()
    state = RegionState(region=REGION, day=data.rules.day, learners=tuple(data.learners), openings=tuple(data.openings))
    market = RegionMarket(state, data.rules.catalog, data.rules.policy, data.rules.places)
    told("kernel: settling all of it")
    settled = market.settle()
    loaded = time.perf_counter() - begun
    figures = [
        Figure(MEASURE, "evaluate everything from nothing", "s", (loaded,)),
        Figure(MEASURE, "live matches", "matches", (float(len(settled.matches)),)),
        *_shares(data),
    ]
    if gin_url is None:
        return [*figures, *_rates(await Rounds(data, market, None, sizes, told).run())]
    async with opened_gin(gin_url, data.rules) as gin:
        told("kernel: loading PostgreSQL and building its GIN indexes")
        await gin.load(data.learners, data.openings, data.zips)
        return [*figures, *_rates(await Rounds(data, market, gin, sizes, told).run())]


class Rounds:
    """In each round both matchers meet the same events in turn; what they say of an opening must be the same."""

    def __init__(self, data: Data, market: RegionMarket, gin: GinMatcher | None, sizes: Sizes, told: Told) -> None:
        self._data, self._market, self._gin, self._sizes, self._told = data, market, gin, sizes, told
        self._rates: dict[str, list[float]] = {}

    async def run(self) -> dict[str, list[float]]:
        """Rates by case: events a second."""
        for number in range(self._sizes.rounds):
            about = f"round {number + 1} of {self._sizes.rounds}"
            self._told(f"kernel: learner events, {about}")
            learners = self._engine("learner", islice(self._data.learner_events, self._sizes.kernel_events))
            if self._gin is not None:
                self._told(f"PostgreSQL GIN: learner events, {about}")
                await self._gin_learners(self._gin, learners)
            self._told(f"kernel: opening events, {about}")
            openings = self._engine("opening", islice(self._data.opening_events, self._sizes.kernel_events // 4))
            if self._gin is not None:
                self._told(f"PostgreSQL GIN: opening events, {about}")
                await self._gin_openings(self._gin, openings)
        return self._rates

    def _engine(self, kind: str, events: Iterable[Thing]) -> list[Thing]:
        """Batches until all are settled or the time is up; those that were."""
        put = self._market.put_learner if kind == "learner" else self._market.put_opening
        waiting, done, spent = list(events), 0, 0.0
        while done < len(waiting) and spent < self._sizes.kernel_s:
            batch = waiting[done : done + BATCH]
            begun = time.perf_counter()
            for one in batch:
                put(one)  # type: ignore[arg-type]
            self._market.settle()
            spent += time.perf_counter() - begun
            done += len(batch)
        self._rates.setdefault(f"engine: {kind} events", []).append(done / spent)
        return waiting[:done]

    async def _gin_learners(self, gin: GinMatcher, events: Sequence[MarketLearner]) -> None:
        """As many as the time allows; the others are only written, so that both know the same."""
        done, begun = 0, time.perf_counter()
        while done < len(events) and time.perf_counter() - begun < self._sizes.kernel_s:
            some = events[done : done + self._sizes.gin_batch]
            await gin.learner_events(some)
            done += len(some)
        self._rates.setdefault("PostgreSQL GIN: learner events", []).append(done / (time.perf_counter() - begun))
        await gin.put_learners(events[done:])

    async def _gin_openings(self, gin: GinMatcher, events: Sequence[MarketOpening]) -> None:
        done, begun, answers = 0, time.perf_counter(), {}
        while done < len(events) and time.perf_counter() - begun < self._sizes.kernel_s:
            answers[events[done].opening_id] = (await gin.opening_event(events[done])).best
            done += 1
        self._rates.setdefault("PostgreSQL GIN: opening events", []).append(done / (time.perf_counter() - begun))
        for opening in events[done:]:
            await gin.put_opening(opening)
        later = {opening.opening_id for opening in events[done:]}
        self._compare({opening_id: best for opening_id, best in answers.items() if opening_id not in later})

    def _compare(self, answers: dict[str, tuple[str, ...]]) -> None:
        """Raises BenchStuck."""
        for opening_id, best in answers.items():
            ours = tuple(match.learner_id for match in self._market.shortlist(opening_id))
            if ours != best:
                raise BenchStuck(f"the shortlist of {opening_id} is {ours[:3]}… and PostgreSQL's {best[:3]}…")


def _rates(rates: dict[str, list[float]]) -> Iterator[Figure]:
    figures = {case: Figure(MEASURE, case, UNIT, tuple(found)) for case, found in rates.items()}
    yield from figures.values()
    for kind in ("learner", "opening"):
        if bare := figures.get(f"PostgreSQL GIN: {kind} events"):
            yield ratio(MEASURE, f"engine / GIN, {kind} events", figures[f"engine: {kind} events"], bare, "times GIN")


def _shares(data: Data) -> Iterator[Figure]:
    """Of a sample of pairs, by the plain rules."""
    rng = Random(1)
    profiles = [profile_of(one, data.rules) for one in rng.sample(data.learners, min(SAMPLED[1], len(data.learners)))]
    live = [opening for opening in data.openings if opening.live_on(data.rules.day)]
    found = [
        standing_of(opening, ask(opening.groups), profile, data.rules)
        for opening in rng.sample(live, min(SAMPLED[0], len(live)))
        for profile in profiles
    ]
    for name, kind in (("qualified", Qualified), ("near misses", NearMiss)):
        share = 100 * sum(isinstance(one, kind) for one in found) / len(found)
        yield Figure(MEASURE, f"pairs that are {name} (sample)", "%", (share,))

"""Measure: what one opening does to the pathways of a large region, under the pace of their refresh (MARKET.md section 11)."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from demo.market.atlas import Alternative
from demo.market.drafts import GroupDraft
from demo.market.generated_market import GeneratedMarket
from makersync.broker.port import Record
from matching.adapters.opening_events import OPENING_READER
from matching.adapters.subject_repository import taken_of
from matching.application.refreshing import PacedMoment, PartitionPathways
from matching.application.settling import PartitionMarket, RuleSet, TakenSubject
from matching.domain.market.policy import Policy
from matching.domain.pathways.published import PathwayChange
from matching.domain.region.state import RegionState
from tests.performance.bulk import Records
from tests.performance.figures import Figure
from tests.performance.kernel import Data, kernel_data
from tests.performance.markets import REGION, local_openings, measured_market
from tests.performance.printing import Told
from tests.performance.sizes import Sizes
from tests.performance.stages import PARTITIONS

MEASURE = "pathways"
#: How often a consumer loop that has nothing to read comes round, seconds.
ROUND_S = 0.1
QUIET_ROUNDS = 50


class Counted(PartitionPathways):
    """Counts the lists that are looked at."""

    looked = 0

    def _look(self, market: PartitionMarket, region: str, learner_id: str) -> PathwayChange | None:
        self.looked += 1
        return super()._look(market, region, learner_id)


@dataclass(slots=True)
class Sweep:
    """By second of a clock that stands still while lists are looked at: lists looked at, lists told, and seconds of work."""

    looked: Counter[int] = field(default_factory=Counter)
    told: Counter[int] = field(default_factory=Counter)
    worked: dict[int, float] = field(default_factory=dict)


async def measure_pacing(sizes: Sizes, told: Told, policy: Policy | None = None) -> Sequence[Figure]:
    """The first sweep tells everybody's list; then an opening is published that is one credential away for many."""
    told(f"pathways: settling {sizes.kernel_openings:,} openings and {sizes.kernel_learners:,} learners")
    data = kernel_data(sizes.kernel_openings, sizes.kernel_learners)
    policy = policy or data.rules.policy
    market = _settled(data, policy)
    pathways = Counted({}, 0.0)
    told("pathways: the first sweep")
    first = _swept(market, pathways, (), 0.0)
    news = [_opening(measured_market(sizes.kernel_openings, sizes.kernel_learners), data)]
    market.apply(news, market.rules, market.day)
    told("pathways: after one opening")
    after = _swept(market, pathways, news, max(first.looked) + 1.0 + policy.refresh_seconds)
    lists = after.told.total()
    return [
        Figure(MEASURE, "first sweep: lists told", "lists", (float(first.told.total()),)),
        Figure(MEASURE, "one opening: lists that it changes", "lists", (float(lists),)),
        Figure(MEASURE, "one opening: the pace that is set", "lists/s", (float(policy.pathway_rate),)),
        Figure(MEASURE, "one opening: looked at, by second", "lists/s", tuple(map(float, after.looked.values()))),
        Figure(MEASURE, "one opening: until all of them are told", "s", (float(max(after.told) - min(after.looked) + 1),)),
        Figure(MEASURE, "one opening: work, by second", "ms/s", tuple(1000 * spent for spent in after.worked.values())),
    ]


def _settled(data: Data, policy: Policy) -> PartitionMarket:
    rules = RuleSet(data.rules.catalog, 1, policy)
    market = PartitionMarket((), rules, data.rules.day, data.rules.places)
    everyone, openings = tuple(data.learners), tuple(data.openings)
    market.admit(RegionState(region=REGION, day=data.rules.day, learners=everyone, openings=openings), {})
    while market.unsettled:
        market.apply([], rules, data.rules.day)
    return market


def _swept(market: PartitionMarket, pathways: Counted, news: Sequence[TakenSubject], begins: float) -> Sweep:
    """From `begins` on, until nobody has been looked at for a while; a refresh takes no time of that clock."""
    sweep, rounds, quiet = Sweep(), 0, 0
    while quiet < QUIET_ROUNDS:
        now, before, begun = begins + rounds * ROUND_S, pathways.looked, time.perf_counter()
        told = pathways.refresh(market, () if rounds else news, PacedMoment(datetime.now(UTC), now))
        rounds, quiet = rounds + 1, quiet + 1
        if looked := pathways.looked - before:
            second, quiet = int(now), 0
            sweep.worked[second] = sweep.worked.get(second, 0.0) + time.perf_counter() - begun
            sweep.looked[second] += looked
            sweep.told[second] += len(told)
    return sweep


def _opening(market: GeneratedMarket, data: Data) -> TakenSubject:
    """It asks for the credential of the catalog that the fewest have, and for nothing else."""
    has = Counter(award.credential for learner in data.learners for award in learner.awards)
    rarest = min(data.rules.catalog.credentials, key=lambda credential: (has[credential], credential))
    [like] = local_openings(market, 1)
    asks = (GroupDraft("wanted", "required", (Alternative(credential=rarest),)),)
    draft = replace(like, key="opening-that-many-miss", groups=asks, positions=10, filled=0, shifts=(), wage_max=None)
    told = Records(market).opening(replace(draft, start_by=None, closes_on=None))
    return taken_of(OPENING_READER.read(Record(told.topic, told.partition, 0, told.key, told.value, 0), PARTITIONS))

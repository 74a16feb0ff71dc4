"""The demo market: what is loaded at the start, made one by one: a nation needs no more memory than a town."""

from collections.abc import Iterator

from demo.market.atlas import Atlas, load_atlas
from demo.market.demand import Demand
from demo.market.drafts import CohortDraft, EmployerDraft, LearnerDraft, OpeningDraft, ProviderDraft
from demo.market.plan import MarketPlan
from demo.market.supply import Supply


class GeneratedMarket:
    """What a plan makes of the reference tables. Every call of a method begins again and gives the same."""

    def __init__(self, plan: MarketPlan, atlas: Atlas | None = None) -> None:
        self.plan = plan
        self.atlas = atlas or load_atlas()
        self.demand = Demand(plan, self.atlas)
        self.supply = Supply(plan, self.atlas)

    def employers(self) -> Iterator[EmployerDraft]:
        return self.demand.employers()

    def openings(self) -> Iterator[OpeningDraft]:
        return self.demand.openings()

    def providers(self) -> Iterator[ProviderDraft]:
        return self.supply.providers()

    def learners(self) -> Iterator[LearnerDraft]:
        return self.supply.learners()

    def cohorts(self) -> Iterator[CohortDraft]:
        return self.supply.cohorts()

"""The wiring of the matching service's consumers: the catalog, the drafts, and the market of each partition number."""

from functools import partial

from contracts.topics import CATALOG, COHORT, DRAFT, LEARNER, OPENING
from makersync.effects.consumer_port import Consumer
from makersync.runtime.service import Context
from matching.adapters.catalog_events import CATALOG_READER
from matching.adapters.cohort_events import COHORT_READER
from matching.adapters.consuming.catalog import CatalogWork
from matching.adapters.consuming.draft import DRAFT_CONSUMER, DraftWork
from matching.adapters.consuming.market import Counting, MarketWork
from matching.adapters.counting_gauges import CountingGauges
from matching.adapters.draft_events import DRAFT_READER
from matching.adapters.draft_repository import WaitingDrafts
from matching.adapters.learner_events import LEARNER_READER
from matching.adapters.opening_events import OPENING_READER
from matching.adapters.partition_standing import MARKET_CONSUMER
from matching.adapters.rules_copy import CATALOG_CONSUMER, RulesCopy


def consumers(context: Context, rules: RulesCopy, drafts: WaitingDrafts, gauges: CountingGauges) -> list[Consumer]:
    """The catalog first: a market that is taken before the catalog has been read in full would propose and withdraw."""
    keeps_past = context.settings.keep_past_days > 0
    catalog = Consumer(CATALOG_CONSUMER, {CATALOG.name: CATALOG_READER}, lambda _number: CatalogWork(context.clock, keeps_past))
    market = Consumer(
        MARKET_CONSUMER,
        {OPENING.name: OPENING_READER, LEARNER.name: LEARNER_READER, COHORT.name: COHORT_READER},
        partial(
            MarketWork,
            rules=rules,
            counting=Counting(drafts, gauges, context.settings.reach_refresh),
            clock=context.clock,
            outbox=context.outbox,
            keeps_past=keeps_past,
        ),
        after=catalog,
        publishes=True,
    )
    draft = Consumer(DRAFT_CONSUMER, {DRAFT.name: DRAFT_READER}, lambda _number: DraftWork())
    return [catalog, draft, market]

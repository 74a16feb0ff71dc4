"""Which topics this service consumes, and what it does with them."""

from collections.abc import Callable

from makersync.clock import Clock
from makersync.effects.consumer_port import Consumer
from openings.adapters.consuming.candidate_match import ShortlistWork
from openings.adapters.consuming.catalog import CATALOG_READER, CatalogCopying
from openings.adapters.consuming.match_reading import MATCH_READER
from openings.adapters.consuming.provider import PROVIDER_READER, ProviderCopying

CATALOG_CONSUMER = "openings.catalog"
PROVIDER_CONSUMER = "openings.provider"
MATCH_CONSUMER = "openings.candidate-match"


def catalog_consumer() -> Consumer:
    return Consumer(CATALOG_CONSUMER, {CATALOG_READER.topic.name: CATALOG_READER}, lambda _partition: CatalogCopying())


def provider_consumer() -> Consumer:
    return Consumer(PROVIDER_CONSUMER, {PROVIDER_READER.topic.name: PROVIDER_READER}, lambda _partition: ProviderCopying())


def match_consumer(clock: Clock, observe_seconds: Callable[[float], None]) -> Consumer:
    """`observe_seconds` receives the seconds from the first event of the causal chain to the match, for every proposal that is
    read as it arrives."""
    readers = {MATCH_READER.topic.name: MATCH_READER}
    return Consumer(MATCH_CONSUMER, readers, lambda partition: ShortlistWork(partition, clock, observe_seconds))

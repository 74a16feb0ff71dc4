"""Which topics this service consumes, and what it does with them."""

from collections.abc import Callable

from makersync.clock import Clock
from makersync.effects.consumer_port import Consumer
from makersync.effects.outbox import Outbox
from openings.adapters.consuming.answer_reading import ANSWER_READER
from openings.adapters.consuming.candidate_match import ShortlistWork
from openings.adapters.consuming.catalog import CATALOG_READER, CatalogCopying
from openings.adapters.consuming.introduction_answer import IntroductionAnswerWork
from openings.adapters.consuming.match_reading import MATCH_READER
from openings.adapters.consuming.provider import PROVIDER_READER, ProviderCopying
from openings.adapters.consuming.reach import ReachWork
from openings.adapters.consuming.reach_reading import REACH_READER

CATALOG_CONSUMER = "openings.catalog"
PROVIDER_CONSUMER = "openings.provider"
MATCH_CONSUMER = "openings.candidate-match"
ANSWER_CONSUMER = "openings.introduction-answer"
REACH_CONSUMER = "openings.reach"


def catalog_consumer() -> Consumer:
    return Consumer(CATALOG_CONSUMER, {CATALOG_READER.topic.name: CATALOG_READER}, lambda _partition: CatalogCopying())


def provider_consumer() -> Consumer:
    return Consumer(PROVIDER_CONSUMER, {PROVIDER_READER.topic.name: PROVIDER_READER}, lambda _partition: ProviderCopying())


def match_consumer(clock: Clock, observe_seconds: Callable[[float], None]) -> Consumer:
    """`observe_seconds` receives the seconds from the first event of the causal chain to the match, for every proposal that is
    read as it arrives."""
    readers = {MATCH_READER.topic.name: MATCH_READER}
    return Consumer(MATCH_CONSUMER, readers, lambda partition: ShortlistWork(partition, clock, observe_seconds))


def answer_consumer(clock: Clock, outbox: Outbox) -> Consumer:
    """A group of its own: it begins at the start of a topic that a running deployment gets with this version, and what it waits
    for holds up no match."""
    readers = {ANSWER_READER.topic.name: ANSWER_READER}
    return Consumer(ANSWER_CONSUMER, readers, lambda _partition: IntroductionAnswerWork(clock, outbox), publishes=True)


def reach_consumer(clock: Clock, outbox: Outbox) -> Consumer:
    """A group of its own, for the same reasons."""
    readers = {REACH_READER.topic.name: REACH_READER}
    return Consumer(REACH_CONSUMER, readers, lambda _partition: ReachWork(clock, outbox), publishes=True)

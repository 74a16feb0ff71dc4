"""The consumers of this service."""

from learners.adapters.consuming.introduction import IntroductionWork
from learners.adapters.consuming.introduction_reading import INTRODUCTION_READER
from learners.adapters.consuming.market import MarketCopying
from learners.adapters.consuming.match_reading import MATCH_READER
from learners.adapters.consuming.opening_copying import OPENING_READER, OpeningCopying
from learners.adapters.consuming.pathway_reading import PATHWAY_READER
from learners.adapters.consuming.signal_reading import SIGNAL_READER
from makersync.clock import Clock
from makersync.effects.consumer_port import Consumer

MARKET_CONSUMER = "learners.market"
#: A group of its own: the running members of a group read the same topics, so that partition numbers stay together.
OPENING_CONSUMER = "learners.openings"
INTRODUCTION_CONSUMER = "learners.introduction"


def market_consumer(clock: Clock) -> Consumer:
    readers = {reader.topic.name: reader for reader in (SIGNAL_READER, MATCH_READER, PATHWAY_READER)}
    return Consumer(MARKET_CONSUMER, readers, lambda partition: MarketCopying(partition, clock))


def opening_consumer() -> Consumer:
    return Consumer(OPENING_CONSUMER, {OPENING_READER.topic.name: OPENING_READER}, lambda _partition: OpeningCopying())


def introduction_consumer(clock: Clock) -> Consumer:
    readers = {INTRODUCTION_READER.topic.name: INTRODUCTION_READER}
    return Consumer(INTRODUCTION_CONSUMER, readers, lambda _partition: IntroductionWork(clock))

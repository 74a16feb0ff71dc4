"""The feed of a service, made of the parts that every service has."""

from collections.abc import Awaitable, Callable, Sequence

from makersync.broker.port import Broker
from makersync.effects.consumer_port import Consumer
from makersync.effects.publisher import Duty
from makersync.feed.completeness import Completeness
from makersync.feed.forgetting import forgetting_feed
from makersync.feed.leading import FeedDuty
from makersync.feed.numbering import Numbering
from makersync.feed.reading import Feed
from makersync.feed.watching import FeedWatch
from makersync.runtime.service import Context


def feed_of(context: Context) -> Feed:
    """For the routes of one application, which share the watch."""
    return Feed(context.store, context.clock, FeedWatch(context.store, context.stopping))


def keep_feed(context: Context, broker: Broker, consumers: Sequence[Consumer]) -> Duty:
    """What the leader does. `consumers` are those that write entries."""
    store, clock, settings = context.store, context.clock, context.settings
    return FeedDuty(
        store,
        lambda lease: Numbering(store, clock, lease, settings.lease_ttl),
        lambda: Completeness(store, clock, broker, consumers),
        settings.relay_poll,
    )


def forgetting_feed_of(context: Context) -> Callable[[], Awaitable[int]]:
    return forgetting_feed(context.store, context.clock, context.settings.keep_feed_days)

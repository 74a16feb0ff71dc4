"""The sender of webhooks, made of the parts that every service has."""

from collections.abc import Awaitable, Callable
from uuid import uuid4

from makersync.delivery.claiming import ClaimTerms
from makersync.delivery.forgetting import forgetting_deliveries
from makersync.delivery.outbound import Outbound
from makersync.delivery.sealing import Seal
from makersync.delivery.sender import Sender, SenderParts
from makersync.http.pepper import read_pepper
from makersync.runtime.service import Context


def webhook_sender(context: Context) -> Sender:
    """Raises OperatorError without a pepper."""
    settings = context.settings

    def count(outcome: str) -> None:
        context.metrics.webhook_attempts.labels(outcome).inc()

    outbound = Outbound(settings.webhook_networks)
    parts = SenderParts(context.store, context.clock, Seal(read_pepper(settings)), outbound, count)
    return Sender(parts, ClaimTerms(f"{settings.instance}-{uuid4().hex[:8]}", settings.webhook_in_flight))


def forgetting_deliveries_of(context: Context) -> Callable[[], Awaitable[int]]:
    return forgetting_deliveries(context.store, context.clock, context.settings.keep_feed_days)

"""Logs and metrics. Logs have bound ids and fixed event names, but never payloads and not even an exception's message."""

import logging
import sys
import traceback
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, get_args

import structlog
from prometheus_client import CollectorRegistry, Counter, Enum, Gauge, Histogram
from structlog.typing import EventDict, Processor, WrappedLogger

from makersync.log_rate_limit import RateLimitFilter
from makersync.settings import Settings
from makersync.tracing import current_trace

PartitionState = Literal["waiting", "loading", "working", "halted"]

#: Seconds. They cover HTTP requests, from a cached response to a wait for the database, and the promised second from event to
#: match.
LATENCY_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.5, 5.0, 10.0, 30.0)


@dataclass(frozen=True, slots=True)
class Metrics:
    """The metrics of one service process, on a registry of its own, served at `/metrics` of the inner port."""

    registry: CollectorRegistry
    http_requests: Counter
    http_seconds: Histogram
    http_refused: Counter
    events_published: Counter
    events_consumed: Counter
    dead_letters: Counter
    event_to_match_seconds: Histogram
    webhook_attempts: Counter
    mail_attempts: Counter
    mail_server_away: Gauge
    contact_readings: Counter
    introductions_waiting: Gauge
    introductions_oldest_seconds: Gauge
    introductions_overdue_days: Gauge
    outbox_unpublished: Gauge
    outbox_refused: Gauge
    relay_lag_seconds: Gauge
    relay_leads: Gauge
    relay_unled_seconds: Gauge
    day_ahead_days: Gauge
    keys_ahead_of_store: Gauge
    drafts_waiting: Gauge
    draft_oldest_seconds: Gauge
    draft_answer_seconds: Histogram
    openings_counted: Counter
    openings_to_count: Gauge
    count_late_seconds: Gauge
    openings_waiting_for_day: Gauge
    mended: Counter
    foreign_records: Counter
    partition_state: Enum = field(repr=False)


def create_metrics() -> Metrics:
    """New metrics, all zero. Label values come from bounded sets (route templates, event types, reasons) and are never ids."""
    registry = CollectorRegistry()
    counter, gauge, histogram = partial(_counter, registry), partial(Gauge, registry=registry), partial(_histogram, registry)
    return Metrics(
        registry,
        counter("makersync_http_requests", "HTTP requests.", "method", "route", "status"),
        histogram("makersync_http_request_seconds", "HTTP time.", "method", "route"),
        counter("makersync_http_refused", "Connections ended or refused before any route.", "reason"),
        counter("makersync_events_published", "Events the broker acknowledged.", "topic"),
        counter("makersync_events_consumed", "Events whose effects were committed.", "type"),
        counter("makersync_dead_letters", "Records set aside.", "consumer", "reason"),
        histogram(
            "makersync_event_to_match_seconds",
            "From the first event of the chain to its match, where both are read as they come.",
        ),
        counter("makersync_webhook_attempts", "Attempts at webhooks.", "outcome"),
        counter("makersync_mail_attempts", "Attempts at messages of mail.", "outcome"),
        gauge("makersync_mail_server_away", "1 while this process cannot send through the mail server."),
        counter("makersync_contact_readings", "Contacts of learners that employers wanted to read, by API or page.", "outcome"),
        gauge("makersync_introductions_waiting", "Introductions that nobody has answered yet."),
        gauge("makersync_introductions_oldest_seconds", "Age of the oldest of them."),
        gauge("makersync_introductions_overdue_days", "Days since the earliest of them was to be answered or to lapse."),
        gauge("makersync_outbox_unpublished", "Events that wait for the broker."),
        gauge("makersync_outbox_refused", "Events that the broker refuses for good, set aside."),
        gauge("makersync_relay_lag_seconds", "Age of the oldest event that waits for the broker."),
        gauge("makersync_relay_leads", "1 in the process that publishes its service's events."),
        gauge("makersync_relay_unled_seconds", "Time since any process last held the lease to publish."),
        gauge("makersync_day_ahead_days", "Days that this process's date is ahead of the database's."),
        gauge("makersync_keys_ahead_of_store", "Keys whose newest event in the log the database does not have."),
        gauge("makersync_drafts_waiting", "Drafts of openings that wait here for their counts."),
        gauge("makersync_draft_oldest_seconds", "Age of the oldest draft that waits here for its counts."),
        histogram("makersync_draft_answer_seconds", "From the event of a draft to the counts that answer it."),
        counter("makersync_openings_counted", "Live openings whose counts were looked at."),
        gauge("makersync_openings_to_count", "Live openings whose counts are due, of regions begun with."),
        gauge("makersync_count_late_seconds", "How long the counts of the region that waits longest are overdue."),
        gauge(
            "makersync_openings_waiting_for_day",
            "Live openings whose terms changed so often that the counts of the new ones wait for the next day.",
        ),
        counter(
            "makersync_mended_terms",
            "Rows whose search terms did not follow from their texts, as processes of an older version leave them.",
            "subject",
        ),
        counter("makersync_foreign_records", "Records of the service's own topics that it did not write.", "reason"),
        _partition_state(registry),
    )


def _counter(registry: CollectorRegistry, name: str, text: str, *labels: str) -> Counter:
    return Counter(name, text, labels, registry=registry)


def _histogram(registry: CollectorRegistry, name: str, text: str, *labels: str) -> Histogram:
    return Histogram(name, text, labels, registry=registry, buckets=LATENCY_BUCKETS)


def _partition_state(registry: CollectorRegistry) -> Enum:
    return Enum(
        "makersync_partition_state",
        "What an assigned partition is doing.",
        ["consumer", "partition"],
        states=list(get_args(PartitionState)),
        registry=registry,
    )


def describe_failure(error: BaseException) -> dict[str, object]:
    """What failed and where, without messages, because those of databases and parsers quote personal data."""
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    cause = error.__cause__ or error.__context__
    described: dict[str, object] = {"error": f"{type(error).__module__}.{type(error).__qualname__}", "frames": frames[-12:]}
    return described if cause is None else described | {"cause": describe_failure(cause)}


def configure_logging(settings: Settings, service: str) -> None:
    """Send the records of structlog and of the standard library to standard output, as JSON or text lines."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _bind_process(service, settings.instance),
        _bind_trace,
        _reduce_failure,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(settings)],
        )
    )
    handler.addFilter(RateLimitFilter("aiokafka"))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    # aiokafka logs every subscription at info level, including those of a check that runs once a second.
    if root.level == logging.INFO:
        logging.getLogger("aiokafka").setLevel(logging.WARNING)
    # Its lines contain query strings; `request.handled` has the same information without them.
    logging.getLogger("uvicorn.access").disabled = True


def _renderer(settings: Settings) -> Processor:
    if settings.log_format == "json":
        return structlog.processors.JSONRenderer(sort_keys=True)
    return structlog.dev.ConsoleRenderer(colors=False)


def _bind_process(service: str, instance: str) -> Processor:
    def bind(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {"service": service, "instance": instance, **event}

    return bind


def _bind_trace(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    correlation_id = current_trace().correlation_id
    return event if correlation_id is None else {"correlation_id": correlation_id, **event}


def _reduce_failure(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace `exc_info` by what failed and where; a traceback would include the message."""
    failure = event.pop("exc_info", None)
    if failure is True:
        failure = sys.exc_info()
    if isinstance(failure, tuple):
        failure = failure[1]
    if isinstance(failure, BaseException):
        event["failure"] = describe_failure(failure)
    return event

"""One service process: HTTP, consumers, publisher and periodic steps on one event loop, until it is told to stop."""

import asyncio
import signal
from collections.abc import Coroutine, Mapping
from typing import Any

import structlog
from fastapi import FastAPI

from makersync.broker.kafka import KafkaBroker
from makersync.effects.backlog import BacklogGauges
from makersync.effects.owner import Owner
from makersync.errors import RetryLater
from makersync.http.application import create_app, create_inner_app
from makersync.http.health import Check
from makersync.http.key_uses import WRITE_EVERY_S, KeyUses
from makersync.http.operator_key_routes import operator_key_routes
from makersync.http.pepper import read_pepper
from makersync.http.wiring import Wiring
from makersync.log_rate_limit import LogRateLimit
from makersync.oidc.setup import oidc_setup
from makersync.runtime.broker_work import BrokerWork, first_failure
from makersync.runtime.day_watch import DayWatch
from makersync.runtime.dead_letter_routes import dead_letter_router
from makersync.runtime.drafts import MEASURE_EVERY_S, DraftCount, draft_gauges
from makersync.runtime.feeds import feed_of
from makersync.runtime.housekeeping import housekeeping
from makersync.runtime.http_bounds import INNER_CONNECTIONS, HttpLimits, connections_within, raise_descriptor_limit
from makersync.runtime.http_server import Address, serve_http
from makersync.runtime.mail import send_mail
from makersync.runtime.operating.measuring import EVERY_S as MEASURE_WAITS_EVERY_S
from makersync.runtime.operating.measuring import measuring
from makersync.runtime.operating.pages import operator_routers
from makersync.runtime.operating.process_state import keep_process_state
from makersync.runtime.operating.sampling import EVERY_S as SAMPLE_EVERY_S
from makersync.runtime.operating.sampling import sampling
from makersync.runtime.operations import operations_router
from makersync.runtime.readiness import ReadinessChecks
from makersync.runtime.service import Context, Periodic, ServiceDefinition, own_topics
from makersync.runtime.status import ProcessStatus
from makersync.runtime.store_agreement import StoreAgreement
from makersync.runtime.watchdog import Watchdog
from makersync.runtime.webhooks import webhook_sender
from makersync.store.migrations import require_migrated
from makersync.waiting import pause

log = structlog.get_logger(__name__)


class ServiceProcess:
    """Runs a service: wires its parts, starts them, and stops them in order."""

    def __init__(self, definition: ServiceDefinition, context: Context) -> None:
        self._definition, self._context = definition, context
        self._stop = context.stopping
        self.status = ProcessStatus(definition, context)
        settings, store, clock = context.settings, context.store, context.clock
        owner = Owner(f"{definition.name}-{settings.instance}", store, clock, context.metrics)
        own = own_topics(definition, settings)
        self._key_uses = KeyUses()
        self._log_limit = LogRateLimit(clock.monotonic)
        self._day_watch = DayWatch(definition.name, store, clock, context.metrics)
        self._backlog = BacklogGauges(definition.name, owner, settings.lease_ttl)
        self._agreement = StoreAgreement(owner, own)
        self._broker_work = BrokerWork(self.status, owner, own, self._agreement)
        self._readiness = ReadinessChecks(self.status, self._backlog, self._day_watch, self._agreement)

    async def run(self) -> None:
        """Run until SIGTERM, SIGINT or `stop`, and close the store. Raises OperatorError or LogReplaced."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        watchdog = Watchdog(self._context.clock, self.status.settings.watchdog, self.progress)
        try:
            await self._start()
            watchdog.start()
            await self._run_parts()
        finally:
            watchdog.stop()
            await self._close()
        log.info("stopped")

    def stop(self) -> None:
        self._stop.set()

    def progress(self) -> dict[str, int]:
        """The counters for the watchdog; none when the process is stopping, since its parts may then end."""
        return {} if self._stop.is_set() else self.status.progress()

    def application(self) -> FastAPI:
        context, settings, definition = self._context, self.status.settings, self._definition
        pepper = read_pepper(settings)
        # A provider that is half set up would be noticed when the first member signs in.
        oidc_setup(settings)
        parts = (settings, context.store, context.clock, context.metrics, pepper)
        wiring = Wiring(*parts, is_compared=lambda: self._agreement.is_compared, key_uses=self._key_uses)
        routers = [*definition.routers(context), operator_key_routes(), operations_router(self.status, self.readiness)]
        routers.append(dead_letter_router(context.store, context.clock))
        if definition.site is not None:
            routers.extend(operator_routers(definition.site, context.clock, settings))
        app = create_app(definition.title, "1", wiring, routers, self.readiness(), definition.rules, definition.warnings)
        app.state.feed = feed_of(context)
        keep_process_state(app, self.status, self.readiness)
        return app

    def inner_application(self) -> FastAPI:
        """The application of the inner port: metrics, and readiness with reasons."""
        return create_inner_app(self.readiness(), self._context.metrics)

    def _watching_for_operators(self) -> list[Periodic]:
        """What the page of what happens now knows without asking."""
        status = self.status
        return [
            Periodic("sample positions", SAMPLE_EVERY_S, sampling(status)),
            Periodic("measure waits", MEASURE_WAITS_EVERY_S, measuring(status)),
        ]

    async def _note_key_uses(self) -> None:
        await self._key_uses.write(self._context.store)

    def _measuring_drafts(self, count: DraftCount) -> Periodic:
        context = self._context
        return Periodic("measure drafts", MEASURE_EVERY_S, draft_gauges(context.store, context.clock, context.metrics, count))

    def readiness(self) -> Mapping[str, Check]:
        """The parts of this process, each with its check."""
        return self._readiness.checks(self._broker_work.topic_watch, self._broker_work.refusal)

    async def _start(self) -> None:
        settings, status = self.status.settings, self.status
        raise_descriptor_limit()
        await require_migrated(self._context.store, self._definition.name)
        # Before any work that depends on the date.
        await self._day_watch.look()
        await self._definition.at_start(self._context)
        # It connects on first use. A process with HTTP alone needs it too, to show operators the consumers' lag.
        status.broker = status.broker or KafkaBroker(settings)
        log.info("started", roles=sorted(settings.roles), port=settings.http_port)

    async def _run_parts(self) -> None:
        settings = self.status.settings
        parts: list[Coroutine[Any, Any, None]] = [self._periodic(each) for each in self._definition.periodic(self._context)]
        parts += [self._backlog.watch(self._stop), self._day_watch.watch(self._stop)]
        parts += [self._agreement.watch(self._stop), self._broker_work.run(self._stop)]
        if self._definition.drafts is not None:
            parts.append(self._periodic(self._measuring_drafts(self._definition.drafts)))
        if "sender" in settings.roles and self._definition.has_webhooks:
            self.status.sender = webhook_sender(self._context)
            parts.append(self.status.sender.run(self._stop))
        if "sender" in settings.roles and self._definition.mail is not None:
            parts.append(send_mail(self.status, self._definition.mail, self._stop))
        if "http" in settings.roles:
            parts += [self._periodic(each) for each in housekeeping(self._context)]
            parts += [self._periodic(each) for each in self._watching_for_operators()]
            parts.append(self._periodic(Periodic("note uses of keys", WRITE_EVERY_S, self._note_key_uses)))
            parts.append(self._serve_http())
        if settings.inner_port:
            parts.append(self._serve_inner())
        try:
            async with asyncio.TaskGroup() as group:
                for part in parts:
                    group.create_task(part)
        except BaseExceptionGroup as failures:
            raise first_failure(failures) from failures

    async def _serve_http(self) -> None:
        settings = self.status.settings
        address = Address(settings.http_host, settings.http_port, "MAKERSYNC_HTTP_PORT")
        connections = connections_within(settings.http_connections, raise_descriptor_limit())
        await self._serve(self.application(), address, HttpLimits(connections, body_bytes=8 * settings.body_limit))

    async def _serve_inner(self) -> None:
        settings = self.status.settings
        address = Address(settings.inner_host, settings.inner_port, "MAKERSYNC_INNER_PORT")
        await self._serve(self.inner_application(), address, HttpLimits(INNER_CONNECTIONS))

    async def _serve(self, application: FastAPI, address: Address, bounds: HttpLimits) -> None:
        def count(reason: str) -> None:
            self._context.metrics.http_refused.labels(reason).inc()

        await serve_http(application, address, bounds, count, self._stop)

    async def _periodic(self, periodic: Periodic) -> None:
        while not self._stop.is_set():
            try:
                if not (periodic.publishes and self._agreement.holds_back):
                    await periodic.step()
            except RetryLater as error:
                if self._log_limit.allows(periodic.name):
                    suppressed = self._log_limit.take_suppressed(periodic.name)
                    log.warning("periodic_step_waiting", step=periodic.name, reason=str(error), suppressed=suppressed)
            await pause(self._stop, periodic.interval_s)

    async def _close(self) -> None:
        if self.status.broker is not None:
            await self.status.broker.close()
        await self._context.store.close()

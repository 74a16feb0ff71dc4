"""One service process: HTTP, consumers, publisher and periodic steps on one loop, until it is told to stop."""

import asyncio
import signal
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from typing import Any

import structlog
from fastapi import FastAPI

from makersync.broker.kafka import KafkaBroker
from makersync.broker.port import Broker, BrokerAway, OffsetUnknown, TopicsMissing
from makersync.broker.topics import check_topics
from makersync.effects.backlog import BacklogGauges
from makersync.effects.conditions import conditions
from makersync.effects.consumer import ConsumerLoop
from makersync.effects.log_identity import recognise_log, watch_log
from makersync.effects.owner import Owner
from makersync.effects.pace import Pace
from makersync.effects.partition_count import check_partition_count
from makersync.effects.patience import patiently
from makersync.effects.publisher import Publisher, PublisherPace
from makersync.errors import LogReplaced, OperatorError, RetryLater
from makersync.http.application import create_app, create_inner_app
from makersync.http.health import Check
from makersync.http.operator_key_routes import operator_key_routes
from makersync.http.pepper import read_pepper
from makersync.http.wiring import Wiring
from makersync.runtime.day_watch import DayWatch
from makersync.runtime.dead_letter_routes import dead_letter_router
from makersync.runtime.housekeeping import housekeeping
from makersync.runtime.http_bounds import INNER_CONNECTIONS, HttpLimits, connections_within, raise_descriptor_limit
from makersync.runtime.http_server import Address, serve_http
from makersync.runtime.log_refusal import LOOK_EVERY_S, LogRefusal
from makersync.runtime.operations import operations_router
from makersync.runtime.service import Context, Periodic, ServiceDefinition, own_topics
from makersync.runtime.store_agreement import StoreAgreement
from makersync.runtime.topic_watch import TopicWatch
from makersync.runtime.watchdog import Watchdog
from makersync.settings import Settings
from makersync.sparing import Sparing
from makersync.store.database import DatabaseAway
from makersync.store.migrations import require_migrated
from makersync.topic import Topic

log = structlog.get_logger(__name__)
RETRY_S = 0.5


class ServiceProcess:
    """Runs a service. Its parts come and go with the broker; HTTP and the database do not wait for it."""

    def __init__(self, definition: ServiceDefinition, context: Context) -> None:
        self._definition, self._context, self._settings = definition, context, context.settings
        self._stop = asyncio.Event()
        self._rounds = 0
        self._sparing = Sparing(context.clock.monotonic)
        self._refusal = LogRefusal(context.store, context.clock)
        self._owner = Owner(f"{definition.name}-{self._settings.instance}", context.store, context.clock, context.metrics)
        self._day_watch = DayWatch(definition.name, context.store, context.clock, context.metrics)
        self._topic_watch = TopicWatch(self._topics(), self._settings)
        self._backlog = BacklogGauges(definition.name, self._owner, self._settings.lease_ttl)
        self._own = own_topics(definition, self._settings)
        self._agreement = StoreAgreement(self._owner, self._own)
        self.broker: Broker | None = None
        self.broker_problem: RetryLater | None = BrokerAway("not yet connected")
        self.loops: list[ConsumerLoop] = []
        self.publisher: Publisher | None = None

    @property
    def context(self) -> Context:
        return self._context

    @property
    def definition(self) -> ServiceDefinition:
        return self._definition

    async def run(self) -> None:
        """Until SIGTERM or SIGINT, or `stop`. Raises OperatorError or LogReplaced; the store is closed at the end."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop)
        watchdog = Watchdog(self._context.clock, self._settings.watchdog, self._progress)
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

    async def _start(self) -> None:
        raise_descriptor_limit()
        await require_migrated(self._context.store, self._definition.name)
        # Before anything is done that a date decides.
        await self._day_watch.look()
        await self._definition.at_start(self._context)
        # It connects at the first question: also a front door alone tells operators how far the consumers are.
        self.broker = self.broker or KafkaBroker(self._settings)
        log.info("started", roles=sorted(self._settings.roles), port=self._settings.http_port)

    async def _run_parts(self) -> None:
        parts: list[Coroutine[Any, Any, None]] = [self._periodic(each) for each in self._definition.periodic(self._context)]
        parts += [self._backlog.watch(self._stop), self._day_watch.watch(self._stop)]
        parts += [self._agreement.watch(self._stop), self._work_with_broker()]
        if "http" in self._settings.roles:
            parts += [self._periodic(each) for each in housekeeping(self._context)]
            parts.append(self._serve_http())
        if self._settings.inner_port:
            parts.append(self._serve_inner())
        try:
            async with asyncio.TaskGroup() as group:
                for part in parts:
                    group.create_task(part)
        except BaseExceptionGroup as failures:
            raise _first(failures) from failures

    async def _serve_http(self) -> None:
        settings = self._settings
        address = Address(settings.http_host, settings.http_port, "MAKERSYNC_HTTP_PORT")
        connections = connections_within(settings.http_connections, raise_descriptor_limit())
        await self._serve(self.application(), address, HttpLimits(connections, body_bytes=8 * settings.body_limit))

    async def _serve_inner(self) -> None:
        address = Address(self._settings.inner_host, self._settings.inner_port, "MAKERSYNC_INNER_PORT")
        await self._serve(self.inner_application(), address, HttpLimits(INNER_CONNECTIONS))

    async def _serve(self, application: FastAPI, address: Address, bounds: HttpLimits) -> None:
        def count(reason: str) -> None:
            self._context.metrics.http_refused.labels(reason).inc()

        await serve_http(application, address, bounds, count, self._stop)

    def application(self) -> FastAPI:
        """The HTTP application of this process."""
        context = self._context
        wiring = Wiring(
            self._settings,
            context.store,
            context.clock,
            context.metrics,
            read_pepper(self._settings),
            lambda: self._agreement.is_compared,
        )
        routers = [*self._definition.routers(context), operator_key_routes(), operations_router(self), dead_letter_router(self)]
        return create_app(self._definition.title, "1", wiring, routers, self.readiness())

    def inner_application(self) -> FastAPI:
        """What this process tells its own people: metrics, and what it lacks, with the reasons."""
        return create_inner_app(self.readiness(), self._context.metrics)

    def readiness(self) -> Mapping[str, Check]:
        """Its parts, and what each of them lacks."""
        checks: dict[str, Check] = {"database": self._database_there, "conditions": self._no_condition}
        checks |= {"publishing": self._backlog.check, "day": self._day_watch.check}
        checks["own_topics"] = self._agreement.demand_compared
        if self._settings.roles & {"consumer", "publisher"}:
            checks |= {"broker": self._broker_there, "log": self._log_taken, "partitions": self._partitions_worked_on}
            checks["topics"] = self._topic_watch.check
        return checks

    async def _database_there(self) -> None:
        await self._context.store.ping()
        for away in self._waited_for():
            if isinstance(away, DatabaseAway):
                raise away

    async def _no_condition(self) -> None:
        try:
            async with self._context.store.reading() as session:
                found = await conditions(session)
        except DatabaseAway as error:
            raise RetryLater("not known while the database is away") from error
        if found:
            raise OperatorError("; ".join(map(str, found)))

    async def _broker_there(self) -> None:
        for away in self._waited_for():
            if not isinstance(away, DatabaseAway):
                raise away

    def _waited_for(self) -> list[RetryLater]:
        """What the parts that work with the broker wait for now."""
        return [away for away in (self.broker_problem, *(part.away for part in self._parts())) if away is not None]

    def _parts(self) -> list[ConsumerLoop | Publisher]:
        return [*self.loops, *([] if self.publisher is None else [self.publisher])]

    async def _log_taken(self) -> None:
        if self._refusal.reason is not None:
            raise OperatorError(self._refusal.reason)

    async def _partitions_worked_on(self) -> None:
        problems = [halt for loop in self.loops for halt in loop.standing_still]
        problems += [
            f"{loop.name} has worked on no partition for {waited[0]:.0f} s: {waited[1]}"
            for loop in self.loops
            if (waited := loop.holds_nothing()) and waited[0] > self._settings.hold_within
        ]
        if problems:
            raise OperatorError("; ".join(problems))

    async def _work_with_broker(self) -> None:
        """Everything that needs the broker. A log that is refused is looked at again every so often; HTTP stays meanwhile, for
        those who read, and for the operator who wants to know why."""
        while not self._stop.is_set():
            try:
                await self._work_on_log()
            except (OperatorError, ExceptionGroup) as error:
                refused = _first(error)
                if not isinstance(refused, OperatorError):
                    raise
                # Whoever refuses, answers.
                self.loops, self.publisher, self.broker_problem = [], None, None
                await self._refusal.declare(refused)
                await self._pause(LOOK_EVERY_S)

    async def _work_on_log(self) -> None:
        """Once the broker answers, and the log is the one that this service knows. Raises OperatorError when it is not."""
        log_id = await self._connect()
        if log_id is None or self.broker is None:
            return
        settings, owner = self._settings, self._owner
        if not settings.roles & {"consumer", "publisher"}:
            # What was asked of the log is answered, and a front door holds no position of it that another one would falsify.
            if self._refusal.reason is not None:
                await self._refusal.lift()
            await self._stop.wait()
            return
        async with asyncio.TaskGroup() as group:
            group.create_task(watch_log(self.broker, log_id, self._stop))
            group.create_task(self._topic_watch.watch(self.broker, self._stop))
            if "publisher" in settings.roles:
                self.publisher = Publisher(self._own, self.broker, owner, publisher_pace(settings))
                group.create_task(self.publisher.run(self._stop))
            if "consumer" in settings.roles:
                pace = consumer_pace(settings)
                self.loops = [
                    ConsumerLoop(consumer, self.broker, owner, log_id, pace, settings.partitions, self._rests)
                    for consumer in self._definition.consumers(self._context)
                ]
                for each in self.loops:
                    group.create_task(each.run(self._stop))
            group.create_task(self._lift_refusal())

    async def _lift_refusal(self) -> None:
        """When every part has worked: rights can be missing that only a reader or a writer needs. Then what is left behind."""
        lift, every_s = self._refusal.lift, RETRY_S
        while not self._stop.is_set():
            if all(part.rounds and part.away is None for part in self._parts()):
                with suppress(RetryLater):
                    await lift()
                    lift, every_s = self._refusal.lift_left_behind, LOOK_EVERY_S
            await self._pause(every_s)

    async def _connect(self) -> str | None:
        while self.broker is not None and not self._stop.is_set():
            self._rounds += 1
            try:
                await check_topics(self.broker, self._topics(), self._settings)
                await check_partition_count(self._context.store, self._definition.topics, self._settings.partitions)
                log_id = await recognise_log(self._context.store, self.broker, self._settings.on_replaced_log)
                await self._compare(self.broker)
            except TopicsMissing as error:
                if self._settings.profile == "cluster":
                    raise
                # The embedded broker has forgotten them, and its supervisor is about to make them again.
                await self._await_broker(BrokerAway(str(error)))
            except RetryLater as error:
                await self._await_broker(error)
            else:
                self.broker_problem = None
                return log_id
        return None

    async def _compare(self, broker: Broker) -> None:
        """It may take minutes where it was never done; a stop ends it."""
        async with patiently(self._tick):
            comparing, stopping = asyncio.create_task(self._agreement.compare(broker)), asyncio.create_task(self._stop.wait())
            try:
                await asyncio.wait({comparing, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if comparing.done():
                    await comparing
            finally:
                comparing.cancel()
                stopping.cancel()
                await asyncio.gather(comparing, stopping, return_exceptions=True)

    def _tick(self) -> None:
        self._rounds += 1

    def _rests(self) -> bool:
        return self._agreement.holds_back

    async def _await_broker(self, error: RetryLater) -> None:
        self.broker_problem = error
        if self._sparing.wants("broker"):
            log.warning("broker_awaited", reason=str(error), untold=self._sparing.take_kept("broker"))
        await self._pause(RETRY_S)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)

    def _topics(self) -> list[Topic]:
        readers = [reader for consumer in self._definition.consumers(self._context) for reader in consumer.readers.values()]
        used = {topic.name: topic for topic in (*self._definition.topics, *(reader.topic for reader in readers))}
        return [used[name] for name in sorted(used)]

    async def _periodic(self, periodic: Periodic) -> None:
        while not self._stop.is_set():
            try:
                if not (periodic.publishes and self._agreement.holds_back):
                    await periodic.step()
            except RetryLater as error:
                if self._sparing.wants(periodic.name):
                    untold = self._sparing.take_kept(periodic.name)
                    log.warning("periodic_step_waits", step=periodic.name, reason=str(error), untold=untold)
            await self._pause(periodic.interval_s)

    def _progress(self) -> dict[str, int]:
        """What the watchdog watches. Work with the broker may legitimately end only when the process stops."""
        if self._stop.is_set() or not self._settings.roles & {"consumer", "publisher"}:
            return {}
        counters = {loop.name: loop.rounds for loop in self.loops}
        if self.publisher is not None:
            counters["publisher"] = self.publisher.rounds
        return counters or {"broker connection": self._rounds}

    async def _close(self) -> None:
        if self.broker is not None:
            await self.broker.close()
        await self._context.store.close()


def consumer_pace(settings: Settings) -> Pace:
    return Pace(
        batch_records=settings.batch_records,
        catch_up_records=settings.catch_up_records,
        fetch_wait_s=settings.fetch_wait,
        fenced_wait_s=settings.session_timeout,
        rejoin_s=1.5 * settings.hold_within,
        dead_letter_limit=settings.dead_letter_limit,
        dead_letter_share=settings.dead_letter_share,
        dead_letter_window_s=settings.dead_letter_window,
    )


def publisher_pace(settings: Settings) -> PublisherPace:
    return PublisherPace(
        batch=settings.relay_batch,
        poll_s=settings.relay_poll,
        deadline_s=settings.relay_deadline,
        lease_ttl_s=settings.lease_ttl,
    )


def _first(error: BaseException) -> BaseException:
    """The innermost first error: groups nest with the tasks, the message is in the leaf."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, OffsetUnknown):
        # Whoever met it first, a consumer or the auditor: the log is not the one it was.
        return LogReplaced(str(error))
    return error

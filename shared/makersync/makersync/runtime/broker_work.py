"""What a service process does with the broker: it connects, recognises the log, consumes and publishes."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

import structlog

from makersync.broker.deployment_zone import demand_time_zone, watch_time_zone
from makersync.broker.port import Broker, BrokerAway, OffsetUnknown, TopicsMissing
from makersync.broker.topics import check_topics
from makersync.effects.consumer import ConsumerLoop, Reserve
from makersync.effects.log_identity import KnownLog, recognise_log, watch_log
from makersync.effects.long_steps import long_step
from makersync.effects.own_topics import OwnTopics
from makersync.effects.owner import Owner
from makersync.effects.partition_count import check_partition_count
from makersync.effects.publisher import Publisher
from makersync.effects.restored_store import RestorationWatch
from makersync.errors import Fenced, LogReplaced, OperatorError, RetryLater
from makersync.log_rate_limit import LogRateLimit
from makersync.runtime.log_refusal import LOOK_EVERY_S, LogRefusal
from makersync.runtime.paces import consumer_pace, publisher_pace
from makersync.runtime.status import ProcessStatus
from makersync.runtime.store_agreement import StoreAgreement
from makersync.runtime.topic_watch import TopicWatch
from makersync.waiting import pause

log = structlog.get_logger(__name__)
RETRY_S = 0.5


class BrokerWork:
    """The parts of a process that need the broker. They start and stop with it; HTTP and the database do not depend on them."""

    def __init__(self, status: ProcessStatus, owner: Owner, own: OwnTopics, agreement: StoreAgreement) -> None:
        self._status, self._owner, self._own, self._agreement = status, owner, own, agreement
        self._store = status.context.store
        self._log_limit = LogRateLimit(status.context.clock.monotonic)
        self.refusal = LogRefusal(self._store, status.context.clock)
        self.topic_watch = TopicWatch(status.topics, status.settings)

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set. Raises LogReplaced.

        A refused log is checked again periodically, while HTTP stays up for readers and for the operator who looks for the
        reason.
        """
        while not stop.is_set():
            try:
                await self._work_on_log(stop)
            except (OperatorError, ExceptionGroup) as error:
                refused = first_failure(error)
                if not isinstance(refused, OperatorError):
                    raise
                # A broker whose log is refused has answered, so the broker is not the problem.
                self._status.loops, self._status.publisher, self._status.broker_problem = [], None, None
                await self.refusal.declare(refused)
                await pause(stop, LOOK_EVERY_S)

    async def _work_on_log(self, stop: asyncio.Event) -> None:
        """Work once the broker answers with the log that this service knows. Raises OperatorError for another log."""
        log_id = await self._connect(stop)
        broker = self._status.broker
        if log_id is None or broker is None:
            return
        if not self._status.works_with_broker:
            # This process neither consumes nor publishes. The log has been checked, and the process keeps no position that a
            # new log would invalidate.
            if self.refusal.reason is not None:
                await self.refusal.lift()
            await watch_time_zone(broker, self._status.settings.time_zone, stop)
            return
        async with asyncio.TaskGroup() as group:
            group.create_task(watch_log(broker, log_id, stop))
            group.create_task(self.topic_watch.watch(broker, stop))
            group.create_task(watch_time_zone(broker, self._status.settings.time_zone, stop))
            for part in self._make_parts(broker, log_id):
                group.create_task(part.run(stop))
            group.create_task(self._lift_refusal(stop))

    def _make_parts(self, broker: Broker, log_id: str) -> list[ConsumerLoop | Publisher]:
        status, settings = self._status, self._status.settings
        if "publisher" in settings.roles:
            duties = status.definition.duties(status.context, broker)
            status.publisher = Publisher(self._own, broker, self._owner, publisher_pace(settings), duties)
        if "consumer" in settings.roles:
            pace, known_log = consumer_pace(settings), KnownLog(log_id, settings.partitions)
            reserve = Reserve(self._rests, self._restorations(broker, log_id))
            status.loops = [
                ConsumerLoop(consumer, broker, self._owner, known_log, pace, reserve)
                for consumer in status.definition.consumers(status.context)
            ]
        return status.parts

    def _rests(self) -> bool:
        return self._agreement.holds_back

    async def _lift_refusal(self, stop: asyncio.Event) -> None:
        """Lift the refusal once every part has worked, since a missing right may affect only readers or only writers. From then
        on, lift refusals that other processes have left behind."""
        lift, every_s = self.refusal.lift, RETRY_S
        while not stop.is_set():
            if all(part.rounds and part.away is None for part in self._status.parts):
                with suppress(RetryLater):
                    await lift()
                    lift, every_s = self.refusal.lift_left_behind, LOOK_EVERY_S
            await pause(stop, every_s)

    async def _connect(self, stop: asyncio.Event) -> str | None:
        """The log's id; None if `stop` is set before the broker answers."""
        while self._status.broker is not None and not stop.is_set():
            self._status.count_connecting()
            try:
                log_id = await self._recognise(self._status.broker, stop)
            except TopicsMissing as error:
                if self._status.settings.profile == "cluster":
                    raise
                # The embedded broker has lost its topics, and its supervisor is about to create them again.
                await self._await_broker(stop, BrokerAway(str(error)))
            except RetryLater as error:
                await self._await_broker(stop, error)
            else:
                self._status.broker_problem = None
                return log_id
        return None

    async def _recognise(self, broker: Broker, stop: asyncio.Event) -> str:
        status, settings = self._status, self._status.settings
        await check_topics(broker, status.topics, settings)
        await check_partition_count(self._store, status.definition.topics, settings.partitions)
        await demand_time_zone(broker, settings.time_zone)
        log_id = await recognise_log(self._store, broker, settings.on_replaced_log)
        await self._look_for_restoration(broker, log_id)
        await self._compare(broker, stop)
        return log_id

    def _restorations(self, broker: Broker, log_id: str) -> RestorationWatch | None:
        """Only feeds give out what must not be given out again; anything else that a restored store lacks is read again."""
        has_feeds = self._status.definition.when_reconciled is not None
        return RestorationWatch(self._owner, broker, self._own.service, log_id) if has_feeds else None

    async def _look_for_restoration(self, broker: Broker, log_id: str) -> None:
        if (restorations := self._restorations(broker, log_id)) is not None:
            for consumer in self._status.definition.consumers(self._status.context):
                await restorations.look(consumer.name)

    async def _compare(self, broker: Broker, stop: asyncio.Event) -> None:
        """The first comparison may take minutes; `stop` interrupts it."""
        async with long_step(self._status.count_connecting):
            comparing, stopping = asyncio.create_task(self._agreement.compare(broker)), asyncio.create_task(stop.wait())
            try:
                await asyncio.wait({comparing, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if comparing.done():
                    await comparing
            finally:
                comparing.cancel()
                stopping.cancel()
                await asyncio.gather(comparing, stopping, return_exceptions=True)

    async def _await_broker(self, stop: asyncio.Event, error: RetryLater) -> None:
        self._status.broker_problem = error
        if self._log_limit.allows("broker"):
            log.warning("broker_unavailable", reason=str(error), suppressed=self._log_limit.take_suppressed("broker"))
        await pause(stop, RETRY_S)


def first_failure(error: BaseException) -> BaseException:
    """The innermost error that decides what follows. A group may hold several, in any order: one part fails for good while
    another, as it is cancelled, finds its connection gone."""
    failure = min(_innermost(error), key=_rank)
    if isinstance(failure, OffsetUnknown):
        # Whether a consumer or the auditor met it first, the log is not the same as before.
        return LogReplaced(str(failure))
    return failure


def _innermost(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            yield from _innermost(each)
    else:
        yield error


def _rank(error: BaseException) -> int:
    """Unknown errors come first, since they must not be hidden by others, and those that pass by themselves last."""
    if isinstance(error, (LogReplaced, OffsetUnknown)):
        return 1
    if isinstance(error, OperatorError):
        return 2
    return 3 if isinstance(error, (RetryLater, Fenced)) else 0

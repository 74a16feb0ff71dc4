"""The readiness checks of a service process, part by part."""

from collections.abc import Mapping

from makersync.effects.backlog import BacklogGauges
from makersync.effects.conditions import conditions
from makersync.errors import OperatorError, RetryLater
from makersync.http.health import Check
from makersync.runtime.day_watch import DayWatch
from makersync.runtime.log_refusal import LogRefusal
from makersync.runtime.status import ProcessStatus
from makersync.runtime.store_agreement import StoreAgreement
from makersync.runtime.topic_watch import TopicWatch
from makersync.store.database import DatabaseAway


class ReadinessChecks:
    """The checks of one process. Each raises RetryLater or OperatorError with what its part lacks."""

    def __init__(self, status: ProcessStatus, backlog: BacklogGauges, day_watch: DayWatch, agreement: StoreAgreement) -> None:
        self._status, self._backlog, self._day_watch, self._agreement = status, backlog, day_watch, agreement

    def checks(self, topic_watch: TopicWatch, refusal: LogRefusal) -> Mapping[str, Check]:
        """The checks by part. Those about the broker apply only if this process consumes or publishes."""
        checks: dict[str, Check] = {"database": self._database_answers, "conditions": self._no_condition}
        checks |= {"publishing": self._backlog.check, "day": self._day_watch.check}
        checks["own_topics"] = self._agreement.demand_compared
        if self._status.works_with_broker:
            checks |= {"broker": self._broker_answers, "log": refusal.check, "partitions": self._partitions_are_worked_on}
            checks["topics"] = topic_watch.check
        return checks

    async def _database_answers(self) -> None:
        await self._status.context.store.ping()
        for away in self._status.waited_for:
            if isinstance(away, DatabaseAway):
                raise away

    async def _no_condition(self) -> None:
        try:
            async with self._status.context.store.reading() as session:
                found = await conditions(session)
        except DatabaseAway as error:
            raise RetryLater("not known while the database is away") from error
        if found:
            raise OperatorError("; ".join(map(str, found)))

    async def _broker_answers(self) -> None:
        for away in self._status.waited_for:
            if not isinstance(away, DatabaseAway):
                raise away

    async def _partitions_are_worked_on(self) -> None:
        problems = [halt for loop in self._status.loops for halt in loop.standing_still]
        problems += [
            f"{loop.name} has worked on no partition for {waited[0]:.0f} s: {waited[1]}"
            for loop in self._status.loops
            if (waited := loop.holds_nothing()) and waited[0] > self._status.settings.hold_within
        ]
        if problems:
            raise OperatorError("; ".join(problems))

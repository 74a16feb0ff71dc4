"""Topics can change while services run: every process that uses them checks again, and is not ready while they are unfit."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import structlog

from makersync.broker.port import Broker, RightsMissing
from makersync.broker.topics import judge_topics
from makersync.errors import OperatorError, RetryLater
from makersync.settings import Settings
from makersync.topic import Topic
from makersync.waiting import pause

log = structlog.get_logger(__name__)
LOOK_EVERY_S = 10.0


class TopicWatch:
    """What is wrong with the topics of a process, according to the last check."""

    def __init__(self, topics: Sequence[Topic], settings: Settings) -> None:
        self._topics, self._settings = topics, settings
        self._problem = ""

    async def watch(self, broker: Broker, stop: asyncio.Event) -> None:
        """Look until `stop` is set."""
        while not stop.is_set():
            with suppress(RetryLater):
                await self.look(broker)
            await pause(stop, LOOK_EVERY_S)

    async def look(self, broker: Broker) -> None:
        """Raises BrokerAway and BrokerNotReady."""
        try:
            problem = "; ".join(map(str, await judge_topics(broker, self._topics, self._settings)))
        except RightsMissing as error:
            problem = str(error)
        if problem != self._problem:
            log.warning("topics_misconfigured" if problem else "topics_valid_again", problem=problem)
        self._problem = problem

    async def check(self) -> None:
        """Raises OperatorError with the topic, what was found, what is required, and the remedy."""
        if self._problem:
            raise OperatorError(self._problem)

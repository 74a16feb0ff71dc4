"""Wakes the requests that wait for news in a feed."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress

import structlog
from sqlmodel import col, select

from makersync.errors import RetryLater
from makersync.feed.tables import FeedHeadRow
from makersync.http.problems import TooManyRequests
from makersync.log_rate_limit import LogRateLimit
from makersync.store.database import Store
from makersync.waiting import pause

log = structlog.get_logger(__name__)
#: How often one process looks for news while anybody waits, seconds.
LOOK_EVERY_S = 0.1
#: Requests of one organisation, and of all, that may wait in one process.
MOST_OF_ONE, MOST_OF_ALL = 8, 400


class FeedWatch:
    """Looks at the last positions of the organisations that wait, once for all of them, and only while somebody waits."""

    def __init__(self, store: Store, stopping: asyncio.Event) -> None:
        self._store, self._stopping = store, stopping
        self._waiting: Counter[str] = Counter()
        self._taken: dict[str, Counter[str]] = defaultdict(Counter)
        self._positions: Mapping[str, int] = {}
        self._news = asyncio.Condition()
        self._looking: asyncio.Task[None] | None = None
        self._log_limit = LogRateLimit()

    @property
    def is_over(self) -> bool:
        """Whether the process is about to stop, so that nobody may wait any longer."""
        return self._stopping.is_set()

    @asynccontextmanager
    async def place(self, organisation_id: str, kind: str = "readers", most: int = MOST_OF_ONE) -> AsyncIterator[None]:
        """A place among those who may wait, `most` of the organisation. Each kind has places of its own. Raises
        TooManyRequests."""
        taken = self._taken[kind]
        if taken[organisation_id] >= most or taken.total() >= MOST_OF_ALL:
            raise TooManyRequests("feed_readers", f"At most {most} requests of one organisation wait at a time.")
        taken[organisation_id] += 1
        self._waiting[organisation_id] += 1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_again_and_again())
        try:
            yield
        finally:
            taken[organisation_id] -= 1
            taken += Counter()
            self._leave(organisation_id)

    async def beyond(self, organisation_id: str, position: int, within_s: float) -> bool:
        """Wait until the organisation's last position is beyond this one. Returns False when the time is over, or when the
        process is about to stop."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s), self._news:
                await self._news.wait_for(lambda: self._is_beyond(organisation_id, position) or self._stopping.is_set())
        return self._is_beyond(organisation_id, position)

    def _is_beyond(self, organisation_id: str, position: int) -> bool:
        return self._positions.get(organisation_id, 0) > position

    def _leave(self, organisation_id: str) -> None:
        self._waiting[organisation_id] -= 1
        self._waiting += Counter()
        if not self._waiting and self._looking is not None:
            self._looking.cancel()
            self._looking = None

    async def _look_again_and_again(self) -> None:
        while not self._stopping.is_set():
            await self._look_or_log()
            await pause(self._stopping, LOOK_EVERY_S)
        async with self._news:
            self._news.notify_all()

    async def _look_or_log(self) -> None:
        """Whatever fails in one look, those who wait are told of news by a later one."""
        try:
            await self._look()
        except RetryLater:
            return
        except Exception:
            if self._log_limit.allows("look"):
                log.exception("feed_look_failed", suppressed=self._log_limit.take_suppressed("look"))

    async def _look(self) -> None:
        """All who wait share this one query, which costs a fraction of a millisecond."""
        heads = select(FeedHeadRow.organisation_id, FeedHeadRow.position)
        async with self._store.reading() as session:
            rows = await session.exec(heads.where(col(FeedHeadRow.organisation_id).in_(list(self._waiting))))
            positions = dict(rows.all())
        if positions != self._positions:
            async with self._news:
                self._positions = positions
                self._news.notify_all()

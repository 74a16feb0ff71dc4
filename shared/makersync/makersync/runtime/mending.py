"""Looks through what a service derives from its own rows and keeps beside them, and mends what does not follow from them.

During an upgrade processes of an older version, which know nothing of what is derived, still write. All is therefore looked
through after each start, and then slowly again and again.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from makersync.telemetry import Metrics

log = structlog.get_logger(__name__)
#: Seconds between two steps, and the pages of each while all is looked through for the first time.
MEND_EVERY_S = 10.0
FIRST_PAGES = 20


@dataclass(frozen=True, slots=True)
class Mended:
    """A page: the key of its last row, None when none follows, and how many of its rows were mended."""

    last: str | None
    count: int


Look = Callable[[str], Awaitable[Mended]]


class Mending:
    """`look` is given the key after which the page begins. `subject` names what is mended, in the log and the metric."""

    def __init__(self, subject: str, look: Look, metrics: Metrics) -> None:
        self._subject, self._look, self._metrics = subject, look, metrics
        self._after, self._is_first = "", True

    async def step(self) -> None:
        """Some pages the first time, and then one. Raises RetryLater."""
        for _ in range(FIRST_PAGES if self._is_first else 1):
            page = await self._look(self._after)
            if page.count:
                self._metrics.mended.labels(self._subject).inc(page.count)
                log.warning("search_terms_mended", subject=self._subject, count=page.count)
            self._after = page.last or ""
            if page.last is None:
                self._is_first = False
                return

"""Ends a process that makes no progress, so that its supervisor restarts it (DESIGN, exactly-once effects, 9)."""

import faulthandler
import os
import sys
import threading
from collections.abc import Callable

import structlog

from makersync.clock import Clock

log = structlog.get_logger(__name__)
STUCK = 70


class Watchdog(threading.Thread):
    """A thread, because the parts that it watches may block the event loop.

    `progress` maps each watched part to a counter that must change within `limit_s` seconds, whatever the part waits for.
    """

    def __init__(
        self, clock: Clock, limit_s: float, progress: Callable[[], dict[str, int]], end: Callable[[int], None] = os._exit
    ) -> None:
        super().__init__(name="watchdog", daemon=True)
        self._clock, self._limit_s, self._progress, self._end = clock, limit_s, progress, end
        self._stopped = threading.Event()
        self._moved: dict[str, tuple[int, float]] = {}
        self._last_look = clock.monotonic()

    def run(self) -> None:
        while not self._stopped.wait(min(1.0, self._limit_s / 4)):
            stuck = self.look()
            if stuck is not None:
                log.critical("stuck", part=stuck, seconds=self._limit_s)
                faulthandler.dump_traceback(file=sys.stderr)
                self._end(STUCK)
                return

    def look(self) -> str | None:
        """The name of a part whose counter has not changed within the limit. A pause of the whole process does not count."""
        now = self._clock.monotonic()
        if now - self._last_look > self._limit_s / 2:
            self._moved = {}
        self._last_look = now
        for part, count in self._progress().items():
            known = self._moved.get(part)
            if known is None or known[0] != count:
                self._moved[part] = (count, now)
            elif now - known[1] > self._limit_s:
                return part
        return None

    def stop(self) -> None:
        self._stopped.set()

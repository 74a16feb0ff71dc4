"""Rate-limited logging: the first line about a subject is written at once, and then one line every half minute, with a count of
those suppressed."""

import logging
from collections.abc import Callable
from time import monotonic

EVERY_S = 30.0


class LogRateLimit:
    """Decides whether a line about a subject may be written. `seconds` is a monotonic clock."""

    def __init__(self, seconds: Callable[[], float] = monotonic, every_s: float = EVERY_S) -> None:
        self._seconds, self._every_s = seconds, every_s
        self._written_at: dict[str, float] = {}
        self._suppressed: dict[str, int] = {}

    def allows(self, about: str) -> bool:
        """Whether a line may be written; suppressed lines are counted."""
        now, written_at = self._seconds(), self._written_at.get(about)
        if written_at is not None and now - written_at < self._every_s:
            self._suppressed[about] = self._suppressed.get(about, 0) + 1
            return False
        self._written_at[about] = now
        return True

    def take_suppressed(self, about: str) -> int:
        """The number of lines suppressed since the last one written; resets the count."""
        return self._suppressed.pop(about, 0)

    def reset(self) -> None:
        """Call it once the fault has passed, so that the next line is written at once."""
        self._written_at.clear()
        self._suppressed.clear()


class RateLimitFilter(logging.Filter):
    """Limits warnings that a library logs at every attempt, such as while the broker is away."""

    def __init__(self, library: str, limit: LogRateLimit | None = None) -> None:
        super().__init__()
        self._library, self._limit = library, limit or LogRateLimit()

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] != self._library or record.levelno < logging.WARNING:
            return True
        if not self._limit.allows(record.name):
            return False
        if suppressed := self._limit.take_suppressed(record.name):
            record.msg, record.args = f"{record.getMessage()} ({suppressed} more lines of {record.name} were not written)", ()
        return True

"""Rate-limited logging: the first line about something is written at once, then one every half minute counts the rest."""

import logging
from collections.abc import Callable
from time import monotonic

EVERY_S = 30.0


class LogRateLimit:
    """Decides whether a line about a subject may be written now. `seconds` is a monotonic clock."""

    def __init__(self, seconds: Callable[[], float] = monotonic, every_s: float = EVERY_S) -> None:
        self._seconds, self._every_s = seconds, every_s
        self._written_at: dict[str, float] = {}
        self._suppressed: dict[str, int] = {}

    def allows(self, about: str) -> bool:
        """Whether a line may be written; one that may not is counted."""
        now, written_at = self._seconds(), self._written_at.get(about)
        if written_at is not None and now - written_at < self._every_s:
            self._suppressed[about] = self._suppressed.get(about, 0) + 1
            return False
        self._written_at[about] = now
        return True

    def take_suppressed(self, about: str) -> int:
        """How many lines were suppressed since the last one that was written; the count starts again at zero."""
        return self._suppressed.pop(about, 0)

    def reset(self) -> None:
        """The trouble is over: the next line is written at once."""
        self._written_at.clear()
        self._suppressed.clear()


class RateLimitFilter(logging.Filter):
    """Limits the warnings that a library writes at every attempt, such as while the broker is away."""

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

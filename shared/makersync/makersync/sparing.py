"""Lines about what goes on and on: the first at once, then one every half minute that counts the others."""

import logging
from collections.abc import Callable
from time import monotonic

EVERY_S = 30.0


class Sparing:
    """Whether it is time for a line about something. `seconds` tells time that only grows."""

    def __init__(self, seconds: Callable[[], float] = monotonic, every_s: float = EVERY_S) -> None:
        self._seconds, self._every_s = seconds, every_s
        self._told: dict[str, float] = {}
        self._kept: dict[str, int] = {}

    def wants(self, about: str) -> bool:
        """Where not, the line is counted."""
        now, told = self._seconds(), self._told.get(about)
        if told is not None and now - told < self._every_s:
            self._kept[about] = self._kept.get(about, 0) + 1
            return False
        self._told[about] = now
        return True

    def take_kept(self, about: str) -> int:
        """How many were not written since the last that was."""
        return self._kept.pop(about, 0)

    def forget(self) -> None:
        """It is over: the next time is a first one."""
        self._told.clear()
        self._kept.clear()


class SparingFilter(logging.Filter):
    """For a handler: what each part of a library says at every attempt while the broker is away is said now and then."""

    def __init__(self, library: str, sparing: Sparing | None = None) -> None:
        super().__init__()
        self._library, self._sparing = library, sparing or Sparing()

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] != self._library or record.levelno < logging.WARNING:
            return True
        if not self._sparing.wants(record.name):
            return False
        if kept := self._sparing.take_kept(record.name):
            record.msg, record.args = f"{record.getMessage()} ({kept} more lines of {record.name} were not written)", ()
        return True

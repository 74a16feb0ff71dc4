"""The share of a topic's recent records that became dead letters, and when it is too high (docs/decisions/0030)."""

from collections import deque
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Tolerance:
    """A topic's partition halts once more than `letters` of its records were set aside within `window_s` seconds and they make
    up more than `share` of the records read in that time."""

    letters: int = 100
    share: float = 0.1
    window_s: float = 600.0


@dataclass(frozen=True, slots=True)
class _Batch:
    at: float
    read: int
    bad: int


@dataclass(slots=True)
class DeadLetterRate:
    """Records read and set aside within the window, for one topic of one partition number. Times are monotonic seconds."""

    tolerance: Tolerance
    _batches: deque[_Batch] = field(default_factory=deque)

    def room(self, verdicts: list[bool], now: float) -> int:
        """How many of the records, from the first on, can be taken; each of `verdicts` says whether that record is to be set
        aside."""
        self._forget(now)
        read, bad = sum(each.read for each in self._batches), sum(each.bad for each in self._batches)
        for place, is_bad in enumerate(verdicts):
            read, bad = read + 1, bad + is_bad
            if is_bad and bad > self.tolerance.letters and bad > self.tolerance.share * read:
                return place
        return len(verdicts)

    def note(self, read: int, bad: int, now: float) -> None:
        """Count what was taken of a batch; call it after the commit."""
        self._forget(now)
        self._batches.append(_Batch(now, read, bad))

    def _forget(self, now: float) -> None:
        while self._batches and self._batches[0].at <= now - self.tolerance.window_s:
            self._batches.popleft()

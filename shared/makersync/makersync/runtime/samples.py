"""What a process remembers of the last minutes, from which lag in seconds and throughput follow.

The broker keeps no time for an offset that could be asked for cheaply, so positions are compared with those seen before.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from makersync.broker.port import TopicPartition

#: Samples are at least so far apart, and are kept so long, seconds.
APART_S, KEPT_S = 1.0, 900.0
#: Throughput is that of the last minute.
RATE_S = 60.0
#: A consumer's position: its name, and the topic's partition.
Position = tuple[str, TopicPartition]


@dataclass(frozen=True, slots=True)
class Sample:
    """At `at` (monotonic seconds) the partitions ended at `ends`, None when no broker answered, the consumers had taken up to
    `taken`, and `written` was the number of the newest event of the service."""

    at: float
    ends: Mapping[TopicPartition, int] | None
    taken: Mapping[Position, int]
    written: int


@dataclass(frozen=True, slots=True)
class Lag:
    """Records that a consumer has not taken, and for how many seconds at least the first of them has waited. Without
    `is_since_known` it was there when the oldest sample was taken, and may have waited for much longer."""

    records: int = 0
    seconds: float = 0.0
    is_since_known: bool = True


@dataclass(slots=True)
class Samples:
    """Oldest first. Where the broker did not answer, the ends are those that were known before, so that what waits gets
    older; `silent_since` (monotonic seconds) is when it first did not, None while it answers."""

    kept: deque[Sample] = field(default_factory=deque)
    silent_since: float | None = None

    def add(self, sample: Sample) -> None:
        known = self._ends(self.kept[-1]) if self.kept else {}
        if sample.ends is not None:
            self.silent_since = None
        elif self.silent_since is None:
            self.silent_since = sample.at
        if self.kept and sample.at - self.kept[-1].at < APART_S:
            self.kept.pop()
        self.kept.append(sample if sample.ends is not None else replace(sample, ends=known))
        while sample.at - self.kept[0].at > KEPT_S:
            self.kept.popleft()

    @property
    def newest_at(self) -> float | None:
        """Monotonic seconds; None before the first sample."""
        return self.kept[-1].at if self.kept else None

    def lag(self, consumer: str) -> Lag:
        """None behind before the first sample."""
        if not self.kept:
            return Lag()
        newest = self.kept[-1]
        ends = self._ends(newest)
        behind = {at: upto for (name, at), upto in newest.taken.items() if name == consumer and upto < ends.get(at, upto)}
        if not behind:
            return Lag()
        records = sum(ends[at] - upto for at, upto in behind.items())
        first = next(each for each in self.kept if any(self._ends(each).get(at, 0) > upto for at, upto in behind.items()))
        return Lag(records, newest.at - first.at, first is not self.kept[0])

    def taken_per_second(self, consumer: str) -> float | None:
        """None before two samples are known."""
        return self._rate([sum(upto for (name, _), upto in each.taken.items() if name == consumer) for each in self._recent])

    def written_per_second(self) -> float | None:
        return self._rate([each.written for each in self._recent])

    @property
    def _recent(self) -> list[Sample]:
        return [each for each in self.kept if self.kept[-1].at - each.at <= RATE_S]

    def _rate(self, counts: list[int]) -> float | None:
        recent = self._recent
        if len(recent) < 2:
            return None
        return max(0.0, (counts[-1] - counts[0]) / (recent[-1].at - recent[0].at))

    def _ends(self, sample: Sample) -> Mapping[TopicPartition, int]:
        return sample.ends or {}

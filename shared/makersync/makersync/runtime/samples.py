"""What a process remembers of the last minutes, from which lag in seconds and throughput follow.

The broker keeps no time for an offset that could be asked for cheaply, so positions are compared with those seen before.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from makersync.broker.port import TopicPartition

#: Samples are at least so far apart, and are kept so long, seconds.
APART_S, KEPT_S = 1.0, 900.0
#: Throughput is that of the last minute.
RATE_S = 60.0
#: A consumer's position: its name, and the topic's partition.
Position = tuple[str, TopicPartition]


@dataclass(frozen=True, slots=True)
class Sample:
    """At `at` (monotonic seconds) the partitions ended at `ends`, the consumers had taken up to `taken`, and `written` was the
    number of the newest event of the service."""

    at: float
    ends: Mapping[TopicPartition, int]
    taken: Mapping[Position, int]
    written: int


@dataclass(slots=True)
class Samples:
    """Oldest first."""

    kept: deque[Sample] = field(default_factory=deque)

    def add(self, sample: Sample) -> None:
        if self.kept and sample.at - self.kept[-1].at < APART_S:
            self.kept.pop()
        self.kept.append(sample)
        while sample.at - self.kept[0].at > KEPT_S:
            self.kept.popleft()

    def seconds_behind(self, consumer: str) -> float:
        """For how long at least the first record that the consumer has not taken has waited; 0 when it has taken all."""
        newest = self.kept[-1]
        behind = {
            at: upto for (name, at), upto in newest.taken.items() if name == consumer and upto < newest.ends.get(at, upto)
        }
        for sample in self.kept:
            if any(sample.ends.get(at, 0) > upto for at, upto in behind.items()):
                return newest.at - sample.at
        return 0.0

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

"""What the metrics tell of counting the learners of openings and drafts."""

from collections.abc import Sequence

from makersync.clock import Clock
from makersync.telemetry import Metrics
from matching.application.reaching import CountsAnnouncement, CountsOutcome
from matching.domain.pathways.refresh_plan import Overdue

#: How often a partition number is looked at, seconds.
NOTE_EVERY_S = 5.0
#: A number that was not noted for so long has another owner, or stands still, which other metrics tell.
FORGET_AFTER_S = 60.0


class CountingGauges:
    """Sums up the partition numbers that this process owns. One instance for all of them."""

    def __init__(self, metrics: Metrics, clock: Clock) -> None:
        self._metrics, self._clock = metrics, clock
        self._noted: dict[int, tuple[float, Overdue, int]] = {}

    def wants(self, number: int) -> bool:
        """Whether it is time to note a partition number again."""
        at, *_ = self._noted.get(number, (-NOTE_EVERY_S, None))
        return self._clock.monotonic() - at >= NOTE_EVERY_S

    def note(self, number: int, overdue: Overdue, waiting_for_day: int = 0) -> None:
        """What is due in a partition number, and how many of its openings wait for the next day."""
        self._noted[number] = self._clock.monotonic(), overdue, waiting_for_day

    async def measure(self) -> None:
        """Set the gauges."""
        after = self._clock.monotonic() - FORGET_AFTER_S
        self._noted = {number: each for number, each in self._noted.items() if each[0] > after}
        found = [overdue for _, overdue, _ in self._noted.values()]
        self._metrics.openings_to_count.set(sum(each.subjects for each in found))
        self._metrics.count_late_seconds.set(max((each.seconds for each in found), default=0.0))
        self._metrics.openings_waiting_for_day.set(sum(each[2] for each in self._noted.values()))

    def count(self, outcome: CountsOutcome) -> None:
        """What was looked at and answered with a batch."""
        self._metrics.openings_counted.inc(outcome.looked_at)
        for answer in _answers(outcome.announced):
            asked = answer.cause.time if answer.cause is not None else answer.as_of
            self._metrics.draft_answer_seconds.observe(max(0.0, (answer.as_of - asked).total_seconds()))


def _answers(announced: Sequence[CountsAnnouncement]) -> list[CountsAnnouncement]:
    return [each for each in announced if each.change.record.is_draft and each.change.told is not None]

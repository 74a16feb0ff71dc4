"""What is looked at next, and at what rate (MARKET.md sections 11 and 15): one change can move tens of thousands of results."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

Subject = tuple[str, str]
"""Region and id: of a learner whose pathway is looked at, or of an opening whose reach is."""
CHUNKS_PER_SECOND = 10
"""A sweep waits until this part of a second's lists is allowed, so that one transaction writes many."""
AT_ONCE = 100
"""This many are always allowed together, unless the pace says fewer. More would keep a batch of matches waiting behind
them."""
MOST_URGENT = 50_000
_MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class RefreshPace:
    """At most `rate` are looked at per second, and each region once per `interval_s` seconds."""

    rate: int
    interval_s: float
    at_once: int = AT_ONCE
    chunks_per_s: int = CHUNKS_PER_SECOND

    @property
    def chunk(self) -> int:
        """How many are worth a transaction of their own."""
        return max(1, self.rate // self.chunks_per_s)


class Bucket:
    """Allows `rate` per second, and one second's worth at once. Time is in monotonic seconds and counted in microseconds."""

    def __init__(self, now: float) -> None:
        self._then = int(now * _MICRO) - _MICRO
        self._millionths = 0

    def allowed(self, now: float, rate: int) -> int:
        """How many are allowed now; one second's worth at first."""
        then, self._then = self._then, int(now * _MICRO)
        self._millionths = min(rate * _MICRO, self._millionths + (self._then - then) * rate)
        return self._millionths // _MICRO

    def spend(self, count: int) -> None:
        """Use up what was allowed."""
        self._millionths -= count * _MICRO


@dataclass(frozen=True, slots=True)
class Overdue:
    """How many subjects are to be looked at now, without those of regions that are not begun with, and for how many seconds the
    region that waits longest for its sweep, or for the end of it, has been due."""

    subjects: int
    seconds: float


class RefreshPlan:
    """The regions of one partition number. Subjects that changed come first, in order; then whole regions, one after the other.

    A region is swept when something that concerns all of its subjects has changed in it since its last sweep began, and that
    is an interval ago. In all regions together, at most the pace's rate are looked at per second, after the first second.
    """

    def __init__(self, now: float) -> None:
        self._bucket = Bucket(now)
        self._began_at = now
        self._urgent: dict[Subject, None] = {}
        self._stale: dict[str, None] = {}
        self._swept_at: dict[str, float] = {}
        self._region = ""
        self._waiting: list[str] = []

    def subject_changed(self, region: str, subject_id: str) -> None:
        """This one changed: look at it at once, or with the whole region when too many changed."""
        self._urgent[region, subject_id] = None
        if len(self._urgent) > MOST_URGENT:
            self._stale |= dict.fromkeys(region for region, _ in self._urgent)
            self._urgent.clear()

    def subject_left(self, region: str, subject_id: str) -> None:
        """Nothing is left to look at."""
        self._urgent.pop((region, subject_id), None)

    def region_changed(self, region: str) -> None:
        """What all of its subjects depend on changed."""
        self._stale[region] = None

    def due(self, now: float, pace: RefreshPace) -> bool:
        """Whether any may be looked at now."""
        if not (self._urgent or self._waiting or self._stale):
            return False
        return self._is_due(now, pace, self._bucket.allowed(now, pace.rate))

    def overdue(self, now: float, pace: RefreshPace) -> Overdue:
        """How far the looks are behind the pace."""
        due_at = [self._due_at(region, pace) for region in self._stale]
        if self._waiting:
            due_at.append(self._swept_at[self._region])
        return Overdue(len(self._urgent) + len(self._waiting), max([0.0, *(now - each for each in due_at)]))

    def _due_at(self, region: str, pace: RefreshPace) -> float:
        swept_at = self._swept_at.get(region)
        return self._began_at if swept_at is None else swept_at + pace.interval_s

    def take(self, now: float, pace: RefreshPace, everybody: Callable[[str], Iterable[str]]) -> list[Subject]:
        """Those to look at now; `everybody` gives those of a region. A sweep waits for a chunk's worth only where nothing else
        is looked at, or a steady stream of urgent ones would keep it waiting for ever."""
        allowed = min(self._bucket.allowed(now, pace.rate), max(pace.at_once, pace.chunk))
        taken = self._take_urgent(allowed)
        while (self._waiting or self._begin_sweep(now, pace, everybody)) and len(taken) < allowed:
            left = allowed - len(taken)
            if not taken and left < min(len(self._waiting), pace.chunk):
                break
            taken += [(self._region, subject_id) for subject_id in self._waiting[-left:]]
            del self._waiting[-left:]
        self._bucket.spend(len(taken))
        return taken

    def _is_due(self, now: float, pace: RefreshPace, allowed: int) -> bool:
        if self._urgent and allowed >= min(len(self._urgent), pace.chunk):
            return True
        if self._waiting:
            return allowed >= min(len(self._waiting), pace.chunk)
        return self._next_region(now, pace) is not None and allowed >= pace.chunk

    def _take_urgent(self, most: int) -> list[Subject]:
        taken = [subject for subject, _ in zip(self._urgent, range(most), strict=False)]
        for subject in taken:
            del self._urgent[subject]
        return taken

    def _begin_sweep(self, now: float, pace: RefreshPace, everybody: Callable[[str], Iterable[str]]) -> bool:
        """Whether there is a region to sweep that has any."""
        while not self._waiting and (region := self._next_region(now, pace)) is not None:
            del self._stale[region]
            self._swept_at[region] = now
            self._region, self._waiting = region, list(everybody(region))
        return bool(self._waiting)

    def _next_region(self, now: float, pace: RefreshPace) -> str | None:
        for region in self._stale:
            swept_at = self._swept_at.get(region)
            if swept_at is None or swept_at + pace.interval_s <= now:
                return region
        return None

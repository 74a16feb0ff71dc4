"""Whose pathway is computed next, and at what rate (MARKET.md section 11): one opening can move tens of thousands of them."""

from collections.abc import Callable, Iterable

from matching.domain.market.policy import Policy

Person = tuple[str, str]
"""Region and learner id."""
CHUNKS_PER_SECOND = 10
"""A sweep waits until this part of a second's lists is allowed, so that one transaction writes many."""
AT_ONCE = 100
"""This many are always allowed together. More would keep a batch of matches waiting behind them."""
MOST_URGENT = 50_000
_MICRO = 1_000_000


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


class RefreshPlan:
    """The regions of one partition number. Learners who changed come first, in order; then whole regions, one after the other.

    A region is swept when something other than its learners has changed in it since its last sweep began, and that is
    `refresh_seconds` ago. In all regions together, at most `pathway_rate` are looked at per second, after the first second.
    """

    def __init__(self, now: float) -> None:
        self._bucket = Bucket(now)
        self._urgent: dict[Person, None] = {}
        self._stale: dict[str, None] = {}
        self._swept_at: dict[str, float] = {}
        self._region = ""
        self._waiting: list[str] = []

    def learner_changed(self, region: str, learner_id: str) -> None:
        """The learner's record changed: look at it at once, or with the whole region when too many changed."""
        self._urgent[region, learner_id] = None
        if len(self._urgent) > MOST_URGENT:
            self._stale |= dict.fromkeys(region for region, _ in self._urgent)
            self._urgent.clear()

    def learner_left(self, region: str, learner_id: str) -> None:
        """Nothing is left to look at."""
        self._urgent.pop((region, learner_id), None)

    def region_changed(self, region: str) -> None:
        """An opening, the catalog or the date changed, and so may every list."""
        self._stale[region] = None

    def due(self, now: float, policy: Policy) -> bool:
        """Whether any learner may be looked at now."""
        if not (self._urgent or self._waiting or self._stale):
            return False
        return self._is_due(now, policy, self._bucket.allowed(now, policy.pathway_rate))

    def take(self, now: float, policy: Policy, everybody: Callable[[str], Iterable[str]]) -> list[Person]:
        """The learners to look at now; `everybody` gives those of a region."""
        allowed = min(self._bucket.allowed(now, policy.pathway_rate), max(AT_ONCE, _chunk(policy)))
        taken = self._take_urgent(allowed)
        while (self._waiting or self._begin_sweep(now, policy, everybody)) and len(taken) < allowed:
            left = allowed - len(taken)
            if left < min(len(self._waiting), _chunk(policy)):
                break
            taken += [(self._region, learner_id) for learner_id in self._waiting[-left:]]
            del self._waiting[-left:]
        self._bucket.spend(len(taken))
        return taken

    def _is_due(self, now: float, policy: Policy, allowed: int) -> bool:
        if self._urgent and allowed >= min(len(self._urgent), _chunk(policy)):
            return True
        if self._waiting:
            return allowed >= min(len(self._waiting), _chunk(policy))
        return self._next_region(now, policy) is not None and allowed >= _chunk(policy)

    def _take_urgent(self, most: int) -> list[Person]:
        taken = [person for person, _ in zip(self._urgent, range(most), strict=False)]
        for person in taken:
            del self._urgent[person]
        return taken

    def _begin_sweep(self, now: float, policy: Policy, everybody: Callable[[str], Iterable[str]]) -> bool:
        """Whether there is a region to sweep that has learners."""
        while not self._waiting and (region := self._next_region(now, policy)) is not None:
            del self._stale[region]
            self._swept_at[region] = now
            self._region, self._waiting = region, list(everybody(region))
        return bool(self._waiting)

    def _next_region(self, now: float, policy: Policy) -> str | None:
        for region in self._stale:
            swept_at = self._swept_at.get(region)
            if swept_at is None or swept_at + policy.refresh_seconds <= now:
                return region
        return None


def _chunk(policy: Policy) -> int:
    return max(1, policy.pathway_rate // CHUNKS_PER_SECOND)

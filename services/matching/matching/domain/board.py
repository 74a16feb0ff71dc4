"""Where every learner stands with one live opening (MARKET.md sections 7, 9 and 12)."""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Mapping

from matching.domain.cells import blocked_of, demand_of
from matching.domain.groups import ask
from matching.domain.market import Opening
from matching.domain.pairing import Qualified, standing_of
from matching.domain.profile import Profile, Rules
from matching.domain.shortlist import OrderKey, order_key, shortlist_size


class Board:
    """The qualified learners of one live opening in order, and the near misses by the group they lack.

    `demand` and `blocked` are what the opening adds to each cell; `blocked` is as of the last `count_blocked`.
    """

    def __init__(self, opening: Opening, rules: Rules) -> None:
        self.opening = opening
        self.asked = ask(opening.groups)
        self.demand = demand_of(opening, self.asked)
        self.blocked: Mapping[str, int] = {}
        self._size = shortlist_size(opening, rules.policy)
        self._order: list[OrderKey] = []
        self._keys: dict[str, OrderKey] = {}
        self._near: dict[str, int] = {}
        self._near_counts: Counter[int] = Counter()

    def place(self, profile: Profile, rules: Rules) -> bool:
        """Place a learner anew; whether the learner counts here, or did before."""
        learner = profile.learner
        standing = standing_of(self.opening, self.asked, profile, rules)
        counted = self.remove(learner.learner_id)
        if standing is None:
            return counted
        if isinstance(standing, Qualified):
            self._qualify(order_key(standing.score, learner.seeking_since, learner.learner_id))
        else:
            self._near[learner.learner_id] = standing.unmet
            self._near_counts[standing.unmet] += 1
        return True

    def remove(self, learner_id: str) -> bool:
        """Forget a learner; whether the learner counted here."""
        if (key := self._keys.pop(learner_id, None)) is not None:
            del self._order[bisect_left(self._order, key)]
            return True
        if (unmet := self._near.pop(learner_id, None)) is not None:
            self._near_counts[unmet] -= 1
            return True
        return False

    def listed(self) -> list[str]:
        """The learner ids of the shortlist, best first."""
        return [learner_id for _, _, learner_id in self._order[: self._size]]

    def count_blocked(self) -> Mapping[str, int]:
        """What the opening blocks by subject, as its learners stand now; qualified are counted before the cut."""
        self.blocked = blocked_of(self.opening, self.asked, len(self._order), self._near_counts)
        return self.blocked

    def _qualify(self, key: OrderKey) -> None:
        insort(self._order, key)
        self._keys[key[-1]] = key

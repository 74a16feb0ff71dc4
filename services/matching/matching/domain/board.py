"""Where every learner stands with one live opening (MARKET.md sections 7, 9 and 12)."""

from bisect import bisect_left
from collections.abc import Mapping

from matching.domain.cells import blocked_of, demand_of
from matching.domain.groups import ask
from matching.domain.market import Learner, Opening
from matching.domain.pairing import NearMiss, Standing, standing_of
from matching.domain.profile import Profile, Rules
from matching.domain.shortlist import OrderKey, order_key, shortlist_size

_Spot = OrderKey | int
"""Where a learner is on a board: the place in the order, or the required group that is lacking."""


class Board:
    """The qualified learners of one live opening in order, and the near misses by the group they lack.

    `demand` and `blocked` are what the opening adds to each cell; `blocked` is as of the last `count_blocked`.
    `reordered` says that the shortlist changed since it was last settled.
    """

    def __init__(self, opening: Opening, rules: Rules) -> None:
        self.opening = opening
        self.asked = ask(opening.groups)
        self.demand = demand_of(opening, self.asked)
        self.blocked: Mapping[str, int] = {}
        self.reordered = True
        self._size = shortlist_size(opening, rules.policy)
        self._order: list[OrderKey] = []
        self._near = [0] * len(self.asked.required)
        self._spots: dict[str, _Spot] = {}

    def place(self, profile: Profile, rules: Rules) -> bool:
        """Place a learner anew; whether anything changed."""
        standing = standing_of(self.opening, self.asked, profile, rules)
        return self._move(profile.learner.learner_id, _spot(standing, profile.learner))

    def remove(self, learner_id: str) -> bool:
        """Forget a learner; whether anything changed."""
        return self._move(learner_id, None)

    def listed(self) -> list[str]:
        """The learner ids of the shortlist, best first."""
        return [key[-1] for key in self._order[: self._size]]

    def count_blocked(self) -> Mapping[str, int]:
        """What the opening blocks by subject, as its learners stand now; qualified are counted before the cut."""
        self.blocked = blocked_of(self.opening, self.asked, len(self._order), self._near)
        return self.blocked

    def _move(self, learner_id: str, new: _Spot | None) -> bool:
        old = self._spots.get(learner_id)
        if new == old:
            return False
        if old is not None:
            self._leave(old)
            del self._spots[learner_id]
        if new is not None:
            self._enter(new)
            self._spots[learner_id] = new
        return True

    def _leave(self, spot: _Spot) -> None:
        if isinstance(spot, int):
            self._near[spot] -= 1
        else:
            index = bisect_left(self._order, spot)
            del self._order[index]
            self._note_reordered(index)

    def _enter(self, spot: _Spot) -> None:
        if isinstance(spot, int):
            self._near[spot] += 1
        else:
            index = bisect_left(self._order, spot)
            self._order.insert(index, spot)
            self._note_reordered(index)

    def _note_reordered(self, index: int) -> None:
        """What happens below the cut concerns nobody on the list."""
        if index < self._size:
            self.reordered = True


def _spot(standing: Standing | None, learner: Learner) -> _Spot | None:
    if standing is None:
        return None
    if isinstance(standing, NearMiss):
        return standing.unmet
    return order_key(standing.score, learner.seeking_since, learner.learner_id)

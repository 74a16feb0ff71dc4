"""How many learners of a region an opening reaches, live or not (MARKET.md section 15; the reference is `domain.reach`)."""

from collections.abc import Sequence

from pyroaring import BitMap

from matching.domain.engine.learner_index import LearnerIndex
from matching.domain.market.subjects import MarketOpening
from matching.domain.reach.counting import LackingCount, ReachCounts
from matching.domain.rules.groups import AskedGroup, ask


class ReachCount:
    """Looks at the bitmaps that there are and keeps no new ones: a draft leaves nothing behind."""

    def __init__(self, index: LearnerIndex) -> None:
        self._index = index

    def count(self, opening: MarketOpening) -> ReachCounts:
        """Count for an opening as it is given, whatever is known of one with its id."""
        required = ask(opening.groups).required
        in_reach, kept_out = self._index.reached(opening), self._index.kept_out(opening)
        passing = in_reach - BitMap.union(*kept_out)
        meeting = [self._meeting(group) for group in required]
        able = _all(in_reach, meeting)
        lacking = [
            self._lacking(group, _all(passing, [*meeting[:place], *meeting[place + 1 :]]) - meeting[place])
            for place, group in enumerate(required)
        ]
        return ReachCounts(
            in_reach=len(in_reach),
            pass_gates=len(passing),
            qualified=passing.intersection_cardinality(able),
            near_misses=sum(each.near_misses for each in lacking),
            lacking=tuple(lacking),
            held_back=tuple(_held_back(able, kept_out, place) for place in range(len(kept_out))),
        )

    def _meeting(self, asked: AskedGroup) -> BitMap:
        return self._holding(asked, asked.group.verified_only)

    def _holding(self, asked: AskedGroup, is_verified: bool) -> BitMap:
        return BitMap.union(*(self._index.holding(subject, is_verified) for subject in asked.subjects))

    def _lacking(self, asked: AskedGroup, people: BitMap) -> LackingCount:
        unverified = people.intersection_cardinality(self._holding(asked, False)) if asked.group.verified_only else None
        return LackingCount(asked.group.id, len(people), unverified)


def _all(people: BitMap, others: Sequence[BitMap]) -> BitMap:
    for each in others:
        people = people & each
    return people


def _held_back(able: BitMap, kept_out: Sequence[BitMap], place: int) -> int:
    """How many of those who could are kept out by this gate and by no other."""
    others = BitMap.union(*kept_out[:place], *kept_out[place + 1 :])
    return len((able & kept_out[place]) - others)

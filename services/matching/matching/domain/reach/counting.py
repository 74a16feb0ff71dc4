"""How many learners an opening reaches, and what keeps the others out (MARKET.md section 15): plain, and the reference for the
engine."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from matching.domain.market.subjects import MarketOpening
from matching.domain.rules.gates import Gate, failing_gates
from matching.domain.rules.groups import AskedGroup, ask
from matching.domain.rules.profile import MatchingProfile, Rules

OUTSIDE = frozenset((Gate.NOT_SEEKING, Gate.NO_CONSENT, Gate.OUT_OF_REACH))
"""Who fails one of these gates is not in reach, and is counted nowhere."""
HOLDING_BACK = (Gate.UNAVAILABLE, Gate.SHIFT_CONFLICT, Gate.PAY_CONFLICT)
"""The gates that an employer can open by changing the opening."""


@dataclass(frozen=True, slots=True)
class LackingCount:
    """The near misses whose one unmet group is this one; `unverified` have an alternative of it that is not verified, and is
    None where the group also accepts attested evidence."""

    group_id: str
    near_misses: int
    unverified: int | None


@dataclass(frozen=True, slots=True)
class OpeningCounts:
    """Numbers of learners, exact: `lacking` has every required group in the opening's order, `held_back` each of HOLDING_BACK
    in that order."""

    in_reach: int
    pass_gates: int
    qualified: int
    near_misses: int
    lacking: tuple[LackingCount, ...]
    held_back: tuple[int, ...]


def counts_of(opening: MarketOpening, profiles: Iterable[MatchingProfile], rules: Rules) -> OpeningCounts:
    """Count the learners who reach the opening's region one by one; `profiles` are theirs, or anybody's."""
    required = ask(opening.groups).required
    counts: Counter[str] = Counter()
    lacking, unverified, held_back = (Counter[int](), Counter[int](), Counter[Gate]())
    for profile in profiles:
        failed = failing_gates(opening, profile.learner, rules.places)
        if not OUTSIDE.isdisjoint(failed):
            continue
        unmet = [place for place, group in enumerate(required) if not group.met_by(profile)]
        counts["in_reach"] += 1
        if not failed:
            counts["pass_gates"] += 1
            counts["qualified"] += not unmet
        elif len(failed) == 1 and not unmet:
            held_back[failed[0]] += 1
        if not failed and len(unmet) == 1:
            [place] = unmet
            lacking[place] += 1
            unverified[place] += holds_unverified(required[place], profile)
    return OpeningCounts(
        counts["in_reach"],
        counts["pass_gates"],
        counts["qualified"],
        lacking.total(),
        tuple(_lacking(group, lacking[place], unverified[place]) for place, group in enumerate(required)),
        tuple(held_back[gate] for gate in HOLDING_BACK),
    )


def counts_of_nobody(opening: MarketOpening) -> OpeningCounts:
    """The counts of a region that no learner reaches."""
    lacking = tuple(_lacking(group, 0, 0) for group in ask(opening.groups).required)
    return OpeningCounts(0, 0, 0, 0, lacking, tuple(0 for _ in HOLDING_BACK))


def holds_unverified(asked: AskedGroup, profile: MatchingProfile) -> bool:
    """Whether one who does not meet the group would, if attested evidence were enough."""
    return not asked.subjects.isdisjoint(profile.held.subjects)


def _lacking(asked: AskedGroup, near_misses: int, unverified: int) -> LackingCount:
    return LackingCount(asked.group.id, near_misses, unverified if asked.group.verified_only else None)

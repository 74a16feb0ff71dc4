"""Examples of `matching.reach.v1`: the counts of a draft, and of an opening that asks for nothing."""

from contracts.examples.story import ANYWHERE, CLEVELAND, DAY, DRAFT, EMPLOYER, NOON, REMOTE_OPENING, Example
from contracts.reach import CountRange, GateHolding, GroupLacking, ReachEnded, ReachState

_NOBODY, _FEW = CountRange(at_least=0, fewer_than=1), CountRange(at_least=1, fewer_than=5)
_OF_DRAFT = ReachState(
    region=CLEVELAND,
    subject_id=DRAFT,
    employer_id=EMPLOYER,
    subject_version=3,
    in_reach=CountRange(at_least=65, fewer_than=70),
    pass_gates=CountRange(at_least=40, fewer_than=45),
    qualified=_FEW,
    near_misses=CountRange(at_least=15, fewer_than=24),
    lacking=(
        GroupLacking(id="milling", near_misses=CountRange(at_least=10, fewer_than=15)),
        GroupLacking(id="measurement", near_misses=CountRange(at_least=5, fewer_than=10), unverified=_FEW),
    ),
    held_back=(
        GateHolding(gate="unavailable", learners=_NOBODY),
        GateHolding(gate="shift_conflict", learners=CountRange(at_least=5, fewer_than=10)),
        GateHolding(gate="pay_conflict", learners=_FEW),
    ),
    policy_version=1,
    day=DAY,
    as_of=NOON,
)
_OF_OPENING = ReachState(
    region=ANYWHERE,
    subject_id=REMOTE_OPENING,
    employer_id=EMPLOYER,
    subject_version=1,
    in_reach=_FEW,
    pass_gates=_FEW,
    qualified=_FEW,
    near_misses=_NOBODY,
    held_back=tuple(GateHolding(gate=gate, learners=_NOBODY) for gate in ("unavailable", "shift_conflict", "pay_conflict")),
    policy_version=1,
    day=DAY,
    as_of=NOON,
)

EXAMPLES = (
    Example("ReachCounted", REMOTE_OPENING, 1, _OF_OPENING, bare=True),
    Example("ReachCounted", DRAFT, 5, _OF_DRAFT, caused=True),
    Example(
        "ReachEnded", REMOTE_OPENING, 2, ReachEnded(region=ANYWHERE, subject_id=REMOTE_OPENING, employer_id=EMPLOYER), bare=True
    ),
    Example("ReachEnded", DRAFT, 6, ReachEnded(region=CLEVELAND, subject_id=DRAFT, employer_id=EMPLOYER), caused=True),
)

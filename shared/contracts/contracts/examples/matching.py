"""Examples of what the matching service publishes, with results that MARKET.md's rules give."""

from datetime import date
from typing import Any

from contracts.examples.story import (
    ANYWHERE,
    CLEVELAND,
    DAY,
    EMPLOYER,
    LEARNER,
    MILLING_AWARD,
    NEWCOMER,
    NOON,
    OPENING,
    PROVIDER,
    REMOTE_OPENING,
    SAFETY_AWARD,
    SEEKING_SINCE,
    Example,
)
from contracts.indicators import CellIndicators, Measured
from contracts.matching import (
    CellLevel,
    Components,
    GroupOutcome,
    MatchEnded,
    MatchState,
    ShortageState,
    SupportingAward,
    WithdrawalReason,
)
from contracts.pathways import PathwayEnded, PathwayState, UnlockedState

_GROUPS_DIGEST = "c772ad8ce9d13520e261e3dce5bd6cc86417f34f22e56c6fa9918a8eca74a5f3"
_AWARDS_DIGEST = "6d3662bb5bee0a3dcf4c0140fac26fb7ab07dcce854c94005cdfaa166d014dec"
_MILLING_ALONE_DIGEST = "7c2f191646a5be8122200b8790e8d3dae8e2d4bb7930000c5dc2215416c3cd17"
_NOTHING_DIGEST = "2e38e77b22c314a449e91fafed92a43826ac6aa403ae6a8acb6cf58239fbaf5d"

_REQUIRED_MET = (
    GroupOutcome(id="milling", met=True, evidence="verified", awards=(MILLING_AWARD,)),
    GroupOutcome(id="measurement", met=True, evidence="verified", awards=(MILLING_AWARD,)),
    GroupOutcome(id="programming", met=False),
)
_MILLING_HELD = SupportingAward(award_id=MILLING_AWARD, credential="nims:cnc-milling-operator", expires_on=date(2028, 5, 2))
_SAFETY_HELD = SupportingAward(award_id=SAFETY_AWARD, credential="osha:10-general-industry")
_MATCH = MatchState(
    region=CLEVELAND,
    opening_id=OPENING,
    learner_id=LEARNER,
    employer_id=EMPLOYER,
    provider_id=PROVIDER,
    score=7000,
    components=Components(preferred=10_000, trainable=0, evidence=10_000),
    groups=(*_REQUIRED_MET, GroupOutcome(id="safety", met=True, evidence="attested", awards=(SAFETY_AWARD,))),
    awards=(_MILLING_HELD, _SAFETY_HELD),
    seeking_since=SEEKING_SINCE,
    opening_version=1,
    learner_version=6,
    groups_digest=_GROUPS_DIGEST,
    awards_digest=_AWARDS_DIGEST,
    policy_version=1,
    day=DAY,
)
_WITHOUT_SAFETY = _MATCH.model_copy(
    update={
        "score": 2000,
        "components": Components(preferred=0, trainable=0, evidence=10_000),
        "groups": (*_REQUIRED_MET, GroupOutcome(id="safety", met=False)),
        "awards": (_MILLING_HELD,),
        "learner_version": 10,
        "awards_digest": _MILLING_ALONE_DIGEST,
    }
)
_NOTHING_ASKED = MatchState(
    region=ANYWHERE,
    opening_id=REMOTE_OPENING,
    learner_id=NEWCOMER,
    employer_id=EMPLOYER,
    provider_id=PROVIDER,
    score=10_000,
    components=Components(),
    groups=(),
    unknown=("unavailable", "pay_conflict"),
    opening_version=1,
    learner_version=2,
    groups_digest=_NOTHING_DIGEST,
    awards_digest=_NOTHING_DIGEST,
    policy_version=1,
    day=DAY,
)


def _match(kind: str, version: int, state: MatchState | MatchEnded, bare: bool = False) -> Example:
    return Example(kind, f"{state.opening_id}/{state.learner_id}", version, state, bare, caused=not bare)


def _end(version: int, reason: WithdrawalReason, bare: bool = False, **behind: Any) -> Example:
    state = MatchEnded(
        region=CLEVELAND,
        opening_id=OPENING,
        learner_id=LEARNER,
        employer_id=EMPLOYER,
        provider_id=PROVIDER,
        reason=reason,
        opening_version=4,
        policy_version=1,
        day=DAY,
        **behind,
    )
    return _match("MatchWithdrawn", version, state, bare)


MATCH_EXAMPLES = (
    _match("MatchProposed", 1, _NOTHING_ASKED, bare=True),
    _match("MatchProposed", 1, _MATCH),
    _match("MatchRevised", 2, _NOTHING_ASKED.model_copy(update={"policy_version": 2}), bare=True),
    _match("MatchRevised", 2, _WITHOUT_SAFETY),
    _end(3, "credential_lapsed", bare=True),
    _end(3, "opening_closed"),
    _end(3, "consent_withdrawn"),
    _end(3, "credential_lapsed", unmet=("milling", "measurement")),
    _end(3, "learner_unavailable", gate="out_of_reach"),
)

_MILLING_INDICATORS = CellIndicators(
    as_of=DAY,
    source="live",
    driver="short_training",
    demand_trend=Measured(value=-4, evidence=13),
    fill_rate=Measured(value=612, evidence=31),
    days_to_fill=Measured(value=47, evidence=19),
    posted_wage=Measured(value=2450, evidence=7),
    wage_ratio=Measured(value=961, evidence=7),
    concentration=Measured(value=1180, evidence=9),
)
_MILLING = ShortageState(
    region=CLEVELAND,
    subject="competency:machining.cnc-milling@2",
    level="shortage",
    level_ahead="balanced",
    previous_level="balanced",
    demand=14_500,
    openings=9,
    employers=5,
    supply=6,
    supply_home=4,
    pipeline=16,
    blocked=11,
    tightness=2062,
    employer_share=413,
    tightness_ahead=687,
    top_credentials=("nims:cnc-milling-operator", "nims:cnc-milling-programming", "nims:cnc-milling-2"),
    policy_version=1,
    day=DAY,
    indicators=_MILLING_INDICATORS,
)
_WELDING = ShortageState(
    region="nonmetro-OH",
    subject="credential:aws:cw-d1-1-gmaw",
    level="severe",
    demand=12_000,
    openings=6,
    employers=4,
    supply=0,
    supply_home=0,
    pipeline=0,
    blocked=2,
    tightness=7000,
    top_credentials=("aws:cw-d1-1-gmaw",),
    policy_version=1,
    day=DAY,
)


def _milling(kind: str, version: int, level: CellLevel, before: CellLevel, **measure: Any) -> Example:
    state = _MILLING.model_copy(update={"level": level, "previous_level": before, **measure})
    return Example(kind, state.subject, version, state, caused=True)


def _welding(kind: str, version: int, level: CellLevel, **measure: Any) -> Example:
    state = _WELDING.model_copy(update={"level": level, **measure})
    return Example(kind, state.subject, version, state, bare=True)


SHORTAGE_EXAMPLES = (
    _welding("ShortageRaised", 1, "severe"),
    _milling("ShortageRaised", 1, "shortage", "balanced"),
    _welding("ShortageEased", 2, "shortage", supply=4, tightness=2333),
    _milling(
        "ShortageEased",
        4,
        "shortage",
        "severe",
        demand=21_000,
        supply=7,
        tightness=2555,
        employer_share=404,
        tightness_ahead=920,
    ),
    _welding("ShortageCleared", 3, "balanced", supply=9, tightness=1272),
    _milling(
        "ShortageCleared",
        5,
        "balanced",
        "shortage",
        level_ahead="surplus",
        supply=12,
        tightness=1178,
        tightness_ahead=550,
    ),
    _welding("ShortageSilenced", 4, "insufficient_data", demand=3000, openings=2, employers=1, blocked=0, tightness=2500),
    _milling(
        "ShortageSilenced",
        6,
        "insufficient_data",
        "balanced",
        level_ahead="insufficient_data",
        demand=8000,
        openings=6,
        employers=3,
        supply=12,
        tightness=714,
        employer_share=750,
        tightness_ahead=333,
    ),
    _welding("ShortageRevised", 2, "severe", demand=15_000, openings=7, tightness=8500),
    _milling(
        "ShortageRevised",
        2,
        "shortage",
        "shortage",
        demand=18_500,
        openings=11,
        tightness=2562,
        employer_share=324,
        tightness_ahead=854,
    ),
)

_PATHWAY = PathwayState(
    region=CLEVELAND,
    learner_id=LEARNER,
    provider_id=PROVIDER,
    credentials=(
        UnlockedState(credential="nims:cnc-milling-programming", unlocked=4, openings=(OPENING,)),
        UnlockedState(credential="osha:10-general-industry", unlocked=11),
    ),
    policy_version=1,
    day=DAY,
    as_of=NOON,
)


def _pathway(kind: str, version: int, state: PathwayState | PathwayEnded, bare: bool = False) -> Example:
    return Example(kind, state.learner_id, version, state, bare, caused=not bare)


PATHWAY_EXAMPLES = (
    _pathway("PathwayRefreshed", 2, _PATHWAY.model_copy(update={"credentials": ()}), bare=True),
    _pathway("PathwayRefreshed", 1, _PATHWAY),
    _pathway("PathwayEnded", 3, PathwayEnded(region=CLEVELAND, learner_id=LEARNER), bare=True),
    _pathway("PathwayEnded", 2, PathwayEnded(region=ANYWHERE, learner_id=NEWCOMER)),
)

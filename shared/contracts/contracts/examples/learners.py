"""Examples of `learners.learner.v1`: a learner with every field, one with as few as there can be, and their ends."""

from datetime import date
from typing import Any

from contracts.examples.story import (
    ANYWHERE,
    CLEVELAND,
    DAY,
    LEARNER,
    MILLING_AWARD,
    NEWCOMER,
    PROGRAMMING_AWARD,
    PROVIDER,
    SAFETY_AWARD,
    SEEKING_SINCE,
    Example,
)
from contracts.learners import AwardState, LearnerEnded, LearnerState

_MILLING = AwardState(
    award_id=MILLING_AWARD,
    credential="nims:cnc-milling-operator",
    status="active",
    issued_on=date(2026, 6, 5),
    evidence="verified",
)
_SAFETY = AwardState(
    award_id=SAFETY_AWARD,
    credential="mssc:cpt-safety",
    status="active",
    issued_on=date(2022, 1, 14),
    expires_on=date(2027, 1, 14),
    evidence="attested",
)
_PROGRAMMING = AwardState(
    award_id=PROGRAMMING_AWARD,
    credential="nims:cnc-milling-programming",
    status="in_progress",
    expected_on=date(2027, 3, 26),
    evidence="attested",
)
_LEARNER = LearnerState(
    learner_id=LEARNER,
    provider_id=PROVIDER,
    region=CLEVELAND,
    zip="44035",
    reach_km=60,
    remote_ok=True,
    seeking=True,
    seeking_since=SEEKING_SINCE,
    consents_to_matching=True,
    available_from=date(2026, 12, 1),
    shifts=("day", "evening", "weekend"),
    wage_floor=2200,
    awards=(_MILLING, _SAFETY, _PROGRAMMING),
)
_NEWCOMER = LearnerState(
    learner_id=NEWCOMER,
    provider_id=PROVIDER,
    region=CLEVELAND,
    zip="44114",
    seeking=False,
    consents_to_matching=False,
)
_BARE_AWARD = AwardState(
    award_id="awd_01jzdh5t8m1x4w7q2hk9v6r3n0", credential="osha:10-general-industry", status="in_progress", evidence="attested"
)


def _known(kind: str, version: int, *awards: AwardState, **changes: Any) -> Example:
    """The learner with every field; `awards` are all that they have, when given."""
    update = {**changes, "awards": awards} if awards else changes
    return Example(kind, LEARNER, version, _LEARNER.model_copy(update=update))


def _new(kind: str, version: int, *awards: AwardState, **changes: Any) -> Example:
    return Example(kind, NEWCOMER, version, _NEWCOMER.model_copy(update={**changes, "awards": awards}), bare=True)


def _changed(award: AwardState, **changes: Any) -> AwardState:
    return award.model_copy(update=changes)


_BARE_ACTIVE = _changed(_BARE_AWARD, status="active", issued_on=date(2026, 11, 13))
EXAMPLES = (
    _new("LearnerRegistered", 1),
    _known("LearnerRegistered", 1),
    _new("LearnerRevised", 2, zip="44060"),
    _known("LearnerRevised", 2, reach_km=80),
    _new("AvailabilityChanged", 2, seeking=True),
    _known("AvailabilityChanged", 3, available_from=date(2027, 1, 4), shifts=("day",)),
    _new("ConsentGiven", 2, consents_to_matching=True),
    _known("ConsentGiven", 4),
    _new("ConsentWithdrawn", 3),
    _known("ConsentWithdrawn", 5, consents_to_matching=False),
    _new("AwardRecorded", 2, _BARE_AWARD),
    _known("AwardRecorded", 6),
    _new("AwardRenewed", 3, _BARE_ACTIVE),
    _known("AwardRenewed", 7, _MILLING, _changed(_SAFETY, issued_on=DAY, expires_on=date(2031, 11, 16)), _PROGRAMMING),
    _new("AwardSuspended", 3, _changed(_BARE_ACTIVE, status="suspended")),
    _known("AwardSuspended", 8, _changed(_MILLING, status="suspended"), _SAFETY, _PROGRAMMING),
    _new("AwardReinstated", 4, _BARE_ACTIVE),
    _known("AwardReinstated", 9),
    _new("AwardRevoked", 5, _changed(_BARE_ACTIVE, status="revoked")),
    _known("AwardRevoked", 10, _MILLING, _changed(_SAFETY, status="revoked"), _PROGRAMMING),
    _new("AwardCorrected", 4, _changed(_BARE_ACTIVE, issued_on=date(2026, 11, 12))),
    _known("AwardCorrected", 11, _MILLING, _SAFETY, _changed(_PROGRAMMING, expected_on=date(2027, 4, 30))),
    _new("AwardVerified", 4, _changed(_BARE_ACTIVE, evidence="verified")),
    _known("AwardVerified", 12, _MILLING, _changed(_SAFETY, evidence="verified"), _PROGRAMMING),
    _new("AwardRemoved", 6),
    _known("AwardRemoved", 13, _SAFETY, _PROGRAMMING),
    Example("LearnerWithdrawn", LEARNER, 14, LearnerEnded(learner_id=LEARNER, region="10420")),
    Example("LearnerWithdrawn", LEARNER, 14, LearnerEnded(learner_id=LEARNER, region=ANYWHERE), bare=True),
    Example("LearnerErased", LEARNER, 15, LearnerEnded(learner_id=LEARNER, region=CLEVELAND)),
    Example("LearnerErased", LEARNER, 15, LearnerEnded(learner_id=LEARNER, region=ANYWHERE), bare=True),
)

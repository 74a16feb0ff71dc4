"""Reach as it is published (MARKET.md section 15)."""

from collections.abc import Mapping
from typing import Any

from contracts.reach import ReachEnded, ReachState
from contracts.topics import REACH
from makersync.effects.outbox import NewEvent
from matching.application.reaching import CountsAnnouncement
from matching.domain.reach.counting import HOLDING_BACK
from matching.domain.reach.disclosure_control import LackingTold, ToldCounts, ToldRange
from matching.domain.reach.published import CountsRecord, digest_of


def reach_event(announced: CountsAnnouncement) -> NewEvent:
    """One event of an opening or a draft; its subject is the id."""
    change = announced.change
    return NewEvent(
        topic=REACH,
        kind="ReachEnded" if change.told is None else "ReachCounted",
        subject=change.record.subject_id,
        region=change.region,
        version=change.record.version,
        state=_state(announced),
        cause=announced.cause,
    )


def record_of_event(version: int, data: Mapping[str, Any], is_draft: bool) -> CountsRecord:
    """The record that an event on the topic stands for."""
    subject_id, employer_id = data["subject_id"], data["employer_id"]
    if "in_reach" not in data:
        return CountsRecord(subject_id, version, 0, employer_id, is_draft, None)
    digest = digest_of(employer_id, data["subject_version"], _told(data))
    return CountsRecord(subject_id, version, data["subject_version"], employer_id, is_draft, digest)


def _state(announced: CountsAnnouncement) -> ReachState | ReachEnded:
    record, told = announced.change.record, announced.change.told
    named = {"region": announced.change.region, "subject_id": record.subject_id, "employer_id": record.employer_id}
    if told is None:
        return ReachEnded.model_validate(named)
    return ReachState.model_validate(
        {
            **named,
            "subject_version": record.subject_version,
            "in_reach": told.in_reach._asdict(),
            "pass_gates": told.pass_gates._asdict(),
            "qualified": told.qualified._asdict(),
            "near_misses": told.near_misses._asdict(),
            "lacking": tuple(_lacking(each) for each in told.lacking),
            "held_back": tuple(
                {"gate": gate.value, "learners": count._asdict()}
                for gate, count in zip(HOLDING_BACK, told.held_back, strict=True)
            ),
            "policy_version": announced.policy_version,
            "day": announced.day,
            "as_of": announced.as_of,
        }
    )


def _lacking(told: LackingTold) -> dict[str, Any]:
    unverified = None if told.unverified is None else told.unverified._asdict()
    return {"id": told.group_id, "near_misses": told.near_misses._asdict(), "unverified": unverified}


def _told(data: Mapping[str, Any]) -> ToldCounts:
    lacking = (
        LackingTold(each["id"], ToldRange(**each["near_misses"]), _range_or_none(each.get("unverified")))
        for each in data.get("lacking", ())
    )
    return ToldCounts(
        ToldRange(**data["in_reach"]),
        ToldRange(**data["pass_gates"]),
        ToldRange(**data["qualified"]),
        ToldRange(**data["near_misses"]),
        tuple(lacking),
        tuple(ToldRange(**each["learners"]) for each in data.get("held_back", ())),
    )


def _range_or_none(found: Mapping[str, int] | None) -> ToldRange | None:
    return None if found is None else ToldRange(**found)

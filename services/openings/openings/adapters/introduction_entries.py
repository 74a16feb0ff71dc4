"""The feed entries that changes of introductions become, for the employer. What the employer wrote is not repeated in them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from makersync.feed.entries import NewEntry
from openings.domain.introduction import IntroductionRequest
from openings.domain.introduction_life import ANSWERED, RequestChange, RequestEventKind

TYPES: Mapping[str, str] = {
    "introduction.asked": "the employer has asked to meet a candidate",
    "introduction.accepted": "the answer is yes: name and contact can be read in the learners service",
    "introduction.declined": "the answer is no, for the `reason` in `data`",
    "introduction.lapsed": "nobody answered in time",
    "introduction.withdrawn": "either side has ended it, for the `reason` in `data`",
    "introduction.hired": "it ended with a hire",
    "introduction.not_hired": "it ended without a hire, for the `reason` in `data`",
    "introduction.hire_undone": "the employer has taken a hire back",
    "introduction.hire_confirmed": "the hire counts as confirmed",
    "introduction.hire_disputed": "the provider or the learner disputes the hire",
}
_BY_KIND: Mapping[RequestEventKind, str] = {
    RequestEventKind.REQUESTED: "introduction.asked",
    RequestEventKind.WITHDRAWN: "introduction.withdrawn",
    RequestEventKind.HIRED: "introduction.hired",
    RequestEventKind.NOT_HIRED: "introduction.not_hired",
    RequestEventKind.UNDONE: "introduction.hire_undone",
}


def change_entry(change: RequestChange) -> NewEntry | None:
    """What the employer's own side becomes; None for what changes nothing that the employer does not know."""
    entry_type = _BY_KIND.get(change.kind)
    only_takes_back = change.kind is RequestEventKind.WITHDRAWN and change.introduction.reason == ANSWERED
    if entry_type is None or only_takes_back:
        return None
    return entry_of_introduction(entry_type, change.introduction, change.introduction.changed_at)


def answer_entry(before: IntroductionRequest, after: IntroductionRequest) -> NewEntry | None:
    """What a new answer becomes: the change of the standing, or else what is said of the hire."""
    if (answer := after.answer) is None:
        return None
    if after.standing != before.standing:
        return entry_of_introduction(f"introduction.{after.standing.status}", after, answer.answered_at)
    said_before = before.answer and before.answer.hire
    if answer.hire is not None and answer.hire != said_before:
        return entry_of_introduction(f"introduction.hire_{answer.hire}", after, answer.answered_at)
    return None


def entry_of_introduction(entry_type: str, introduction: IntroductionRequest, occurred_at: datetime) -> NewEntry:
    data = entry_data(introduction)
    return NewEntry(introduction.employer_id, entry_type, introduction.introduction_id, occurred_at, data)


def entry_data(introduction: IntroductionRequest) -> dict[str, Any]:
    standing, answer = introduction.standing, introduction.answer
    said = {
        "introduction_id": introduction.introduction_id,
        "opening_id": introduction.opening_id,
        "learner_id": introduction.learner_id,
        "provider_id": introduction.provider_id,
        "status": standing.status.value,
        "side": standing.side,
        "reason": standing.reason,
        "answer_by": introduction.answer_by.isoformat(),
        "hired_on": introduction.hired_on and introduction.hired_on.isoformat(),
        "hire": answer.hire if answer is not None and introduction.hired_on is not None else None,
        "version": introduction.shown_version,
    }
    return {name: value for name, value in said.items() if value is not None}

"""Drafts in JSON, with the field names of MARKET.md sections 3 and 4; what is unknown is left out."""

from datetime import date
from typing import Any

from demo.market.atlas import Alternative
from demo.market.drafts import AwardDraft, CohortDraft, GroupDraft, LearnerDraft, OpeningDraft

Body = dict[str, Any]


def plain(**fields: object) -> Body:
    """The known fields, dates as ISO text and tuples as arrays."""
    return {name: _plain_value(value) for name, value in fields.items() if value is not None}


def opening_body(draft: OpeningDraft) -> Body:
    return plain(
        title=draft.title,
        occupation=draft.occupation,
        zip=draft.zip,
        remote=draft.remote,
        positions=draft.positions,
        filled=draft.filled,
        start_by=draft.start_by,
        closes_on=draft.closes_on,
        shifts=draft.shifts,
        wage_min=draft.wage_min,
        wage_max=draft.wage_max,
        groups=group_bodies(draft.groups),
    )


def learner_body(draft: LearnerDraft) -> Body:
    """Where and when a learner can work; neither the person nor the consent nor the awards."""
    return plain(
        zip=draft.zip,
        reach_km=draft.reach_km,
        remote_ok=draft.remote_ok,
        seeking=draft.seeking,
        seeking_since=draft.seeking_since,
        available_from=draft.available_from,
        shifts=draft.shifts,
        wage_floor=draft.wage_floor,
    )


def profile_body(draft: LearnerDraft) -> Body:
    """The same as a provider says it: since when somebody seeks is the service's to know."""
    return {name: value for name, value in learner_body(draft).items() if name != "seeking_since"}


def award_body(draft: AwardDraft) -> Body:
    return plain(
        credential=draft.credential,
        status=draft.status,
        issued_on=draft.issued_on,
        expires_on=draft.expires_on,
        expected_on=draft.expected_on,
    )


def cohort_body(draft: CohortDraft) -> Body:
    return plain(
        credential=draft.credential,
        region=draft.region,
        seats=draft.seats,
        enrolled=draft.enrolled,
        starts_on=draft.starts_on,
        ends_on=draft.ends_on,
    )


def group_bodies(groups: tuple[GroupDraft, ...]) -> list[Body]:
    return [_group_body(group) for group in groups]


def _group_body(group: GroupDraft) -> Body:
    return plain(
        id=group.id,
        necessity=group.necessity,
        any_of=[_alternative_body(form) for form in group.any_of],
        weight=group.weight,
        verified_only=group.verified_only,
    )


def _alternative_body(form: Alternative) -> Body:
    return plain(credential=form.credential, competency=form.competency, level=form.level)


def _plain_value(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return list(value)
    return value

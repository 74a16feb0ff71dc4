"""Learners and awards as rows, and back."""

from collections.abc import Iterable
from typing import Any

from learners.adapters.learner_tables import AwardRow, LearnerRow, PersonRow
from learners.domain.award import Award, AwardDates, AwardStatus, Evidence
from learners.domain.learner import Availability, Learner, Reach
from learners.domain.person import Person


def learner_of(row: LearnerRow, awards: Iterable[AwardRow]) -> Learner:
    return Learner(
        learner_id=row.learner_id,
        provider_id=row.provider_id,
        reach=Reach(row.zip, row.reach_km, row.remote_ok),
        availability=Availability(row.seeking, row.seeking_since, row.available_from, tuple(row.shifts), row.wage_floor),
        consents=row.consents_to_matching,
        awards=tuple(award_of(award) for award in awards),
        home=row.region,
        regions=tuple(row.regions),
        version=row.version,
    )


def award_of(row: AwardRow) -> Award:
    return Award(
        award_id=row.award_id,
        credential=row.credential,
        status=AwardStatus(row.status),
        dates=AwardDates(row.issued_on, row.expires_on, row.expected_on),
        evidence=Evidence(row.evidence),
        vouched_at=row.vouched_at,
        cohort_id=row.cohort_id,
    )


def person_of(row: PersonRow) -> Person:
    return Person(row.name, row.email, row.phone)


def learner_columns(learner: Learner) -> dict[str, Any]:
    return {
        "learner_id": learner.learner_id,
        "provider_id": learner.provider_id,
        "zip": learner.reach.zip,
        "region": learner.home,
        "reach_km": learner.reach.reach_km,
        "remote_ok": learner.reach.remote_ok,
        "seeking": learner.availability.seeking,
        "seeking_since": learner.availability.seeking_since,
        "consents_to_matching": learner.consents,
        "available_from": learner.availability.available_from,
        "shifts": list(learner.availability.shifts),
        "wage_floor": learner.availability.wage_floor,
        "regions": list(learner.regions),
        "version": learner.version,
    }


def award_columns(learner_id: str, award: Award) -> dict[str, Any]:
    return {
        "award_id": award.award_id,
        "learner_id": learner_id,
        "credential": award.credential,
        "status": award.status.value,
        "issued_on": award.dates.issued_on,
        "expires_on": award.dates.expires_on,
        "expected_on": award.dates.expected_on,
        "evidence": award.evidence.value,
        "vouched_at": award.vouched_at,
        "cohort_id": award.cohort_id,
    }

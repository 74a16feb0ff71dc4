"""From what happened in the domain to events: the released shapes, and nothing else of what the service knows."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.learners import (
    AwardState,
    CohortEnded,
    CohortState,
    CompetencyState,
    CredentialState,
    LearnerEnded,
    LearnerState,
)
from contracts.topics import CATALOG, COHORT, LEARNER
from learners.domain.award import Award
from learners.domain.catalog import Competency, CredentialDefinition, PublishedCredential
from learners.domain.cohort import Cohort, CohortEvent
from learners.domain.learner import Changed, Learner, LearnerEvent, announcements
from makersync.effects.outbox import NewEvent, Outbox


class OutboxAnnouncer:
    """Writes the service's events into one transaction."""

    def __init__(self, session: AsyncSession, outbox: Outbox) -> None:
        self._session = session
        self._outbox = outbox

    async def learner(self, before: tuple[str, ...], changed: Changed) -> None:
        learner = changed.learner
        told = announcements(before, changed)
        await self._outbox.record(self._session, [learner_event(learner, region, kind) for region, kind in told])

    async def erased(self, learner: Learner, version: int) -> None:
        ended = [(region, LearnerEnded(learner_id=learner.learner_id, region=region)) for region in learner.regions]
        kind = LearnerEvent.ERASED.value
        events = [NewEvent(LEARNER, kind, learner.learner_id, region, version, state) for region, state in ended]
        await self._outbox.record(self._session, events)

    async def cohort(self, cohort: Cohort, kind: CohortEvent) -> None:
        state = cohort_state(cohort)
        event = NewEvent(COHORT, kind.value, cohort.cohort_id, cohort.region, cohort.version, state)
        await self._outbox.record(self._session, [event])

    async def catalog(self, competencies: Sequence[Competency], credentials: Sequence[PublishedCredential]) -> None:
        events = [competency_event(one) for one in competencies] + [credential_event(one) for one in credentials]
        await self._outbox.record(self._session, events)


def learner_state(learner: Learner, region: str) -> LearnerState:
    return LearnerState.model_validate(
        {
            "learner_id": learner.learner_id,
            "provider_id": learner.provider_id,
            "region": region,
            "zip": learner.reach.zip,
            "reach_km": learner.reach.reach_km,
            "remote_ok": learner.reach.remote_ok,
            "seeking": learner.availability.seeking,
            "seeking_since": learner.availability.seeking_since,
            "consents_to_matching": learner.consents,
            "available_from": learner.availability.available_from,
            "shifts": learner.availability.shifts,
            "wage_floor": learner.availability.wage_floor,
            "awards": tuple(award_state(award) for award in learner.awards),
        }
    )


def award_state(award: Award) -> AwardState:
    return AwardState(
        award_id=award.award_id,
        credential=award.credential,
        status=award.status.value,
        issued_on=award.dates.issued_on,
        expires_on=award.dates.expires_on,
        expected_on=award.dates.expected_on,
        evidence=award.evidence.value,
    )


def cohort_state(cohort: Cohort) -> CohortState | CohortEnded:
    if cohort.cancelled:
        return CohortEnded(cohort_id=cohort.cohort_id, region=cohort.region)
    return CohortState(
        cohort_id=cohort.cohort_id,
        provider_id=cohort.provider_id,
        credential=cohort.credential,
        region=cohort.region,
        seats=cohort.plan.seats,
        enrolled=cohort.plan.enrolled,
        starts_on=cohort.plan.starts_on,
        ends_on=cohort.plan.ends_on,
    )


def credential_state(definition: CredentialDefinition) -> CredentialState:
    return CredentialState.model_validate(asdict(definition))


def learner_event(learner: Learner, region: str, kind: LearnerEvent) -> NewEvent:
    gone = kind is LearnerEvent.WITHDRAWN
    state = LearnerEnded(learner_id=learner.learner_id, region=region) if gone else learner_state(learner, region)
    return NewEvent(LEARNER, kind.value, learner.learner_id, region, learner.version, state)


def competency_event(competency: Competency) -> NewEvent:
    state = CompetencyState(id=competency.id, name=competency.name)
    return NewEvent(CATALOG, "CompetencyDefined", f"competency/{competency.id}", None, competency.version, state)


def credential_event(credential: PublishedCredential) -> NewEvent:
    definition = credential.definition
    kind = "CredentialDefined" if credential.version == 1 else "CredentialRevised"
    return NewEvent(CATALOG, kind, f"credential/{definition.id}", None, credential.version, credential_state(definition))

"""Writes the service's events into the outbox."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.learners import LearnerEnded
from contracts.topics import COHORT, LEARNER
from learners.adapters.catalog_events import competency_event, credential_event
from learners.adapters.cohort_events import cohort_state
from learners.adapters.introduction_events import answer_event
from learners.adapters.learner_events import learner_event
from learners.adapters.provider_events import provider_event
from learners.domain.catalog import Competency, PublishedCredential
from learners.domain.cohort import Cohort, CohortEvent
from learners.domain.introduction import IntroductionChange
from learners.domain.learner import Learner, LearnerChange, LearnerEvent, announcements
from learners.domain.provider import Provider
from makersync.effects.outbox import NewEvent, Outbox


class OutboxAnnouncer:
    """Writes the service's events into one transaction."""

    def __init__(self, session: AsyncSession, outbox: Outbox) -> None:
        self._session = session
        self._outbox = outbox

    async def learner(self, before: tuple[str, ...], changed: LearnerChange) -> None:
        learner = changed.learner
        announced = announcements(before, changed)
        await self._outbox.record(self._session, [learner_event(learner, region, kind) for region, kind in announced])

    async def erased(self, learner: Learner, version: int) -> None:
        ended = [(region, LearnerEnded(learner_id=learner.learner_id, region=region)) for region in learner.regions]
        kind = LearnerEvent.ERASED.value
        events = [NewEvent(LEARNER, kind, learner.learner_id, region, version, state) for region, state in ended]
        await self._outbox.record(self._session, events)

    async def provider(self, provider: Provider) -> None:
        await self._outbox.record(self._session, [provider_event(provider)])

    async def cohort(self, cohort: Cohort, kind: CohortEvent) -> None:
        state = cohort_state(cohort)
        event = NewEvent(COHORT, kind.value, cohort.cohort_id, cohort.region, cohort.version, state)
        await self._outbox.record(self._session, [event])

    async def introduction(self, changed: IntroductionChange) -> None:
        await self._outbox.record(self._session, [answer_event(changed.introduction, changed.kind)])

    async def catalog(self, competencies: Sequence[Competency], credentials: Sequence[PublishedCredential]) -> None:
        events = [competency_event(one) for one in competencies] + [credential_event(one) for one in credentials]
        await self._outbox.record(self._session, events)

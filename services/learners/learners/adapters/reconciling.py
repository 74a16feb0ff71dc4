"""Settles where the store of the service and its topics differ, each kind of subject in its own way."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.topics import CATALOG, COHORT, INTRODUCTION_ANSWER, LEARNER, PROVIDER
from learners.adapters.catalog_reconciling import CatalogPart
from learners.adapters.cohort_reconciling import CohortPart
from learners.adapters.introduction_reconciling import AnswerPart
from learners.adapters.learner_reconciling import LearnerPart
from learners.adapters.provider_reconciling import ProviderPart
from learners.domain.learner import LearnerEvent
from makersync.clock import Clock
from makersync.effects.divergence import Case
from makersync.effects.outbox import NewEvent
from makersync.effects.reconciling import Choice
from reference.places import Places

COMPETENCY, CREDENTIAL, COHORT_KIND, LEARNER_KIND = "competency", "credential", "cohort", "learner"
INTRODUCTION = "introduction"
PROVIDER_KIND = "provider"


@dataclass(frozen=True, slots=True)
class LearnersReconciler:
    clock: Clock
    places: Places
    kinds: Sequence[str] = (COMPETENCY, CREDENTIAL, PROVIDER_KIND, COHORT_KIND, LEARNER_KIND, INTRODUCTION)
    final_types: frozenset[str] = frozenset({f"{LEARNER.owner}.{LearnerEvent.ERASED}"})

    def kind_of(self, topic: str, subject: str) -> str:
        if topic == CATALOG.name:
            return subject.partition("/")[0]
        if topic == INTRODUCTION_ANSWER.name:
            return INTRODUCTION
        if topic == PROVIDER.name:
            return PROVIDER_KIND
        return COHORT_KIND if topic == COHORT.name else LEARNER_KIND

    async def settle(self, session: AsyncSession, case: Case, choice: Choice) -> Sequence[NewEvent]:
        if case.topic == CATALOG.name:
            return await CatalogPart(session).settle(case, choice)
        if case.topic == PROVIDER.name:
            return await ProviderPart(session, self.clock).settle(case, choice)
        if case.topic == COHORT.name:
            return await CohortPart(session, self.clock).settle(case, choice)
        if case.topic == INTRODUCTION_ANSWER.name:
            return await AnswerPart(session, self.clock).settle(case, choice)
        return await LearnerPart(session, self.clock, self.places).settle(case, choice)

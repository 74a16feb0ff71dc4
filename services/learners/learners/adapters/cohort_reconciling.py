"""Reconciles cohorts: takes them back from the topic, or publishes them again above it. Enrolments are part of the learners."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.learners import CohortEnded, CohortState
from contracts.topics import COHORT
from learners.adapters.cohort_events import cohort_state
from learners.adapters.cohort_repository import cohort_columns, cohort_of
from learners.adapters.cohort_tables import CohortRow
from learners.adapters.provider_feeds import SqlProviderFeeds
from learners.adapters.provider_repository import restore_provider
from learners.domain.cohort import Cohort, CohortEvent, CohortPlan
from makersync.clock import Clock
from makersync.effects.divergence import Case, NotReconciled
from makersync.effects.outbox import NewEvent
from makersync.effects.reading import Reading, Received
from makersync.effects.reconciling import Choice
from makersync.store.upserts import upsert


@dataclass(frozen=True, slots=True)
class CohortPart:
    """A cohort that only the topic has is taken back with its provider, or cancelled when the store is to win."""

    session: AsyncSession
    clock: Clock

    async def settle(self, case: Case, choice: Choice) -> Sequence[NewEvent]:
        row = await self.session.get(CohortRow, case.subject)
        stored = None if row is None else cohort_of(row)
        if not case.logged and stored is None:
            raise NotReconciled("nothing of it can be read, in the log or in the store")
        if choice is Choice.TAKE_LOG and case.log_leads:
            return await self._take(case, stored, case.logged[0])
        if stored is not None:
            return await self._rise(case, stored, CohortEvent.CANCELLED if stored.cancelled else CohortEvent.REVISED)
        return [_cancelled(case)]

    async def _take(self, case: Case, stored: Cohort | None, logged: Received[Reading]) -> Sequence[NewEvent]:
        taken = _taken(logged, stored)
        if taken is None:
            # All that is known of it is that it was cancelled.
            return [_cancelled(case)] if case.must_rise else ()
        if case.must_rise:
            return await self._rise(case, taken, CohortEvent.CANCELLED if taken.cancelled else CohortEvent.REVISED)
        await self._keep(taken)
        return ()

    async def _rise(self, case: Case, cohort: Cohort, kind: CohortEvent) -> Sequence[NewEvent]:
        risen = replace(cohort, version=case.next_version)
        await self._keep(risen)
        return [NewEvent(COHORT, kind.value, risen.cohort_id, risen.region, risen.version, cohort_state(risen))]

    async def _keep(self, cohort: Cohort) -> None:
        await restore_provider(self.session, cohort.provider_id, self.clock.now())
        await upsert(self.session, CohortRow, [cohort_columns(cohort)], ["cohort_id"])
        await SqlProviderFeeds(self.session, self.clock).concern(cohort.provider_id, cohort.region)


def _taken(logged: Received[Reading], stored: Cohort | None) -> Cohort | None:
    state, version = logged.data, logged.event.version
    if isinstance(state, CohortEnded):
        return None if stored is None else replace(stored, cancelled=True, version=version)
    if not isinstance(state, CohortState):
        raise TypeError(f"not the state of a cohort: {type(state).__name__}")
    if stored is not None and (stored.provider_id, stored.region) != (state.provider_id, state.region):
        raise NotReconciled("the log names another provider or region than the store: only --above is possible")
    plan = CohortPlan(state.seats, state.enrolled, state.starts_on, state.ends_on)
    return Cohort(state.cohort_id, state.provider_id, state.credential, state.region, plan, version=version)


def _cancelled(case: Case) -> NewEvent:
    region = case.keys[0].region
    state = CohortEnded(cohort_id=case.subject, region=region)
    return NewEvent(COHORT, CohortEvent.CANCELLED.value, case.subject, region, case.next_version, state)

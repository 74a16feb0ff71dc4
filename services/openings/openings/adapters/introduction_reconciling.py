"""Reconciles introductions: takes the topic's state back, or publishes the store's state above it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.introductions import IntroductionRequestState
from makersync.clock import Clock
from makersync.effects.divergence import Case, NotReconciled
from makersync.effects.outbox import NewEvent
from makersync.effects.reading import Reading, Received
from makersync.effects.reconciling import Choice
from makersync.store.upserts import upsert
from openings.adapters.introduction_events import access_of, job_of, kind_above, request_event
from openings.adapters.introduction_rows import answer_of, introduction_of, introduction_values
from openings.adapters.introduction_tables import IntroductionRequestRow, ReceivedAnswerRow
from openings.adapters.opening_tables import OpeningRow
from openings.domain.introduction import FORGETTING_REASONS, IntroductionRequest, RequestStatus
from openings.domain.introduction_life import ANSWERED, RequestChange, end_with, forget, is_answered_with_end
from openings.domain.shortlist import GroupResult


@dataclass(frozen=True, slots=True)
class IntroductionPart:
    """An introduction that only the topic has comes back, or is withdrawn when the store is to win: otherwise a provider would
    be asked by nobody."""

    session: AsyncSession
    clock: Clock

    async def settle(self, case: Case, choice: Choice) -> Sequence[NewEvent]:
        answer = await self.session.get(ReceivedAnswerRow, case.subject)
        row = await self.session.get(IntroductionRequestRow, case.subject)
        stored = None if row is None else introduction_of(row, answer)
        logged = next((_logged(each, stored, answer) for each in case.logged), None)
        if choice is Choice.TAKE_LOG and logged is not None and case.log_leads:
            return await self._take(case, stored, logged)
        if stored is not None:
            return await self._rise(case, stored)
        if logged is None:
            raise NotReconciled("nothing of it can be read, in the log or in the store")
        return await self._rise(case, end_with(logged, "opening_closed", self.clock.now()).introduction)

    async def _take(self, case: Case, stored: IntroductionRequest | None, logged: IntroductionRequest) -> Sequence[NewEvent]:
        if stored is not None and _owner(stored) != _owner(logged):
            raise NotReconciled("the log names another opening, learner or employer: only --above is possible")
        if is_answered_with_end(logged):
            return await self._rise(case, end_with(logged, ANSWERED, self.clock.now()).introduction)
        if case.must_rise:
            return await self._rise(case, logged)
        await self._keep(logged)
        return ()

    async def _rise(self, case: Case, introduction: IntroductionRequest) -> Sequence[NewEvent]:
        risen = replace(introduction, version=case.next_version, changed_at=self.clock.now())
        await self._keep(risen)
        return [request_event(RequestChange(risen, kind_above(risen)))]

    async def _keep(self, introduction: IntroductionRequest) -> None:
        if await self.session.get(OpeningRow, introduction.opening_id) is None:
            raise NotReconciled(f"its opening {introduction.opening_id} is missing: reconcile that too")
        await upsert(self.session, IntroductionRequestRow, [introduction_values(introduction)], ["introduction_id"])


def _owner(introduction: IntroductionRequest) -> tuple[str, ...]:
    return introduction.opening_id, introduction.learner_id, introduction.employer_id, introduction.region


def _logged(
    received: Received[Reading], stored: IntroductionRequest | None, answer: ReceivedAnswerRow | None
) -> IntroductionRequest:
    """The introduction as the log has it. What an ended one does not say any more, the store may still know; nothing is known
    of a learner who is to be forgotten."""
    state, event = received.data, received.event
    if not isinstance(state, IntroductionRequestState):
        raise TypeError(f"not the state of an introduction: {type(state).__name__}")
    outcomes = tuple(GroupResult(each.id, each.met, each.evidence, each.awards) for each in state.outcomes)
    found = IntroductionRequest(
        introduction_id=state.introduction_id,
        opening_id=state.opening_id,
        learner_id=state.learner_id,
        employer_id=state.employer_id,
        provider_id=state.provider_id,
        region=state.region,
        version=event.version,
        status=RequestStatus(state.status),
        reason=state.reason,
        asked_at=state.asked_at,
        answer_by=state.answer_by,
        job=job_of(state.job),
        outcomes=outcomes or (() if stored is None else stored.outcomes),
        message=state.message or (None if stored is None else stored.message),
        contact=state.contact or (None if stored is None else stored.contact),
        access=access_of(state.access),
        hired_on=state.hired_on,
        changed_at=event.time,
        answer=None if answer is None else answer_of(answer),
        refused=(stored is not None and stored.refused) or (answer is not None and answer_of(answer).is_no),
    )
    return forget(found) if answer is not None and answer.reason in FORGETTING_REASONS else found

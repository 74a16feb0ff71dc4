"""The events of introductions: what they carry, and how a change is announced to readers and to the employer's feed."""

from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.introductions import ContactAccess, IntroductionRequestState, JobState
from contracts.matching import GroupOutcome
from contracts.topics import INTRODUCTION_REQUEST
from makersync.clock import Clock
from makersync.effects.outbox import NewEvent, Outbox
from makersync.envelope import Envelope
from makersync.feed.entries import FeedWriter
from openings.adapters.introduction_entries import change_entry
from openings.domain.introduction import ContactCapability, IntroductionRequest, OfferedJob, RequestStatus
from openings.domain.introduction_life import RequestChange, RequestEventKind
from openings.domain.shortlist import GroupResult

_IDS = ("introduction_id", "opening_id", "learner_id", "employer_id", "provider_id", "region")
_JOB = ("title", "employer_name", "zip", "remote", "wage_min", "wage_max", "start_by")


class OutboxIntroductionAnnouncements:
    """Announces changes of introductions in the transaction that makes them."""

    def __init__(self, session: AsyncSession, outbox: Outbox, clock: Clock) -> None:
        self._session, self._outbox, self._clock = session, outbox, clock

    async def record(self, change: RequestChange) -> None:
        await self._outbox.record(self._session, [request_event(change)])
        if (entry := change_entry(change)) is not None:
            await FeedWriter(self._session, self._clock).record([entry])


def request_event(change: RequestChange, cause: Envelope | None = None) -> NewEvent:
    introduction = change.introduction
    return NewEvent(
        topic=INTRODUCTION_REQUEST,
        kind=change.kind.value,
        subject=introduction.introduction_id,
        region=introduction.region,
        version=introduction.version,
        state=request_state(introduction),
        cause=cause,
    )


def kind_above(introduction: IntroductionRequest) -> RequestEventKind:
    """The type of the event that says again how the introduction stands."""
    match introduction.status:
        case RequestStatus.WITHDRAWN:
            return RequestEventKind.WITHDRAWN
        case RequestStatus.HIRED:
            return RequestEventKind.HIRED
        case RequestStatus.NOT_HIRED:
            return RequestEventKind.NOT_HIRED
    return RequestEventKind.REQUESTED if introduction.access is None else RequestEventKind.ACCESS_GRANTED


def request_state(introduction: IntroductionRequest) -> IntroductionRequestState:
    """The whole public state of the employer's side. Once the employer does not ask any more, it says nothing about the
    learner, and nothing that was written to them."""
    asked = introduction.status is RequestStatus.ASKED
    return IntroductionRequestState(
        **{name: getattr(introduction, name) for name in _IDS},
        status=introduction.status.value,
        reason=introduction.reason,
        asked_at=introduction.asked_at,
        answer_by=introduction.answer_by,
        job=JobState(**{name: getattr(introduction.job, name) for name in _JOB}),
        outcomes=tuple(map(_outcome_state, introduction.outcomes)) if asked else (),
        message=introduction.message if asked else None,
        contact=introduction.contact if asked else None,
        access=_access_state(introduction.access) if asked else None,
        hired_on=introduction.hired_on,
    )


def _outcome_state(outcome: GroupResult) -> GroupOutcome:
    return GroupOutcome(id=outcome.id, met=outcome.met, evidence=outcome.evidence, awards=outcome.awards)


def _access_state(access: ContactCapability | None) -> ContactAccess | None:
    return None if access is None else ContactAccess(digest=access.digest, expires_at=access.expires_at)


def job_of(state: JobState) -> OfferedJob:
    return OfferedJob(**{name: getattr(state, name) for name in _JOB})


def access_of(state: ContactAccess | None) -> ContactCapability | None:
    return None if state is None else ContactCapability(state.digest, state.expires_at)

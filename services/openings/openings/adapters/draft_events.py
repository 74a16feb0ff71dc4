"""The events of drafts: what they carry, and how they are announced."""

from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.drafts import DraftEnded, DraftState
from contracts.topics import DRAFT
from makersync.effects.outbox import NewEvent, Outbox
from makersync.envelope import Envelope
from openings.adapters.opening_events import group_state
from openings.domain.draft import Draft
from openings.domain.opening import Terms

SUBMITTED, ENDED = "DraftSubmitted", "DraftEnded"
_TERMS = ("zip", "remote", "positions", "start_by", "closes_on", "wage_min", "wage_max")


class OutboxDraftAnnouncements:
    """Announces drafts in the transaction that changes them."""

    def __init__(self, session: AsyncSession, outbox: Outbox) -> None:
        self._session, self._outbox = session, outbox

    async def submitted(self, draft: Draft, terms: Terms) -> None:
        await self._outbox.record(self._session, [_event(draft, SUBMITTED, draft_state(draft, terms))])

    async def ended(self, draft: Draft) -> None:
        await self._outbox.record(self._session, [ended_event(draft)])


def ended_event(draft: Draft, cause: Envelope | None = None) -> NewEvent:
    ids = DraftEnded(draft_id=draft.draft_id, employer_id=draft.employer_id, region=draft.region)
    return _event(draft, ENDED, ids, cause)


def draft_state(draft: Draft, terms: Terms) -> DraftState:
    """What matching is asked about: the terms without what only people read."""
    return DraftState(
        draft_id=draft.draft_id,
        employer_id=draft.employer_id,
        region=draft.region,
        shifts=tuple(shift.value for shift in terms.shifts),
        groups=tuple(group_state(group) for group in terms.groups),
        **{name: getattr(terms, name) for name in _TERMS},
    )


def _event(draft: Draft, kind: str, state: DraftState | DraftEnded, cause: Envelope | None = None) -> NewEvent:
    return NewEvent(
        topic=DRAFT,
        kind=kind,
        subject=draft.draft_id,
        region=draft.region,
        version=draft.version,
        state=state,
        cause=cause,
    )

"""Reconciles drafts: whatever store and log say of one, it ends."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.drafts import DraftEnded, DraftState
from makersync.clock import Clock
from makersync.effects.divergence import Case, NotReconciled
from makersync.effects.outbox import NewEvent
from makersync.effects.reconciling import Choice
from openings.adapters.draft_events import ended_event
from openings.adapters.draft_repository import DraftRepository, draft_of
from openings.adapters.preview_repository import PreviewRepository
from openings.adapters.reach_tables import DraftRow
from openings.domain.draft import Draft


@dataclass(frozen=True, slots=True)
class DraftPart:
    """Nobody waits any longer for the counts of a draft that one of the two has lost: the employer asks again."""

    session: AsyncSession
    clock: Clock

    async def settle(self, case: Case, choice: Choice) -> Sequence[NewEvent]:
        row = await self.session.get(DraftRow, case.subject)
        state = next((each.data for each in case.logged), None)
        version, told = case.next_version, False
        if choice is Choice.TAKE_LOG and isinstance(state, DraftEnded) and case.log_leads and not case.must_rise:
            version, told = case.floor, True
        if row is not None:
            draft = draft_of(row)
            if draft.preview_id is not None:
                await PreviewRepository(self.session, None).give_up(draft.preview_id)
            employer_id, region = draft.employer_id, draft.region
        elif isinstance(state, DraftState | DraftEnded):
            employer_id, region = state.employer_id, state.region
        else:
            raise NotReconciled("nothing of it can be read, in the log or in the store")
        ended = Draft(
            draft_id=case.subject,
            employer_id=employer_id,
            region=region,
            version=version,
            preview_id=None,
            changed_at=self.clock.now(),
        )
        await DraftRepository(self.session).end(ended)
        return () if told else [ended_event(ended)]

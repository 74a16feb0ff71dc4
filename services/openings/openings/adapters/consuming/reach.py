"""The consumer of `matching.reach.v1`: keeps the newest counts, and answers the previews that wait for them."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.effects.consumer_port import Batch, KnownSubject
from makersync.effects.fence import Hold, Standing
from makersync.effects.outbox import Outbox
from makersync.effects.reading import Reading, Received
from makersync.store.database import Store
from openings.adapters.consuming.reach_reading import ReachReading, reach_values, reading_of
from openings.adapters.draft_events import ended_event
from openings.adapters.draft_repository import DraftRepository
from openings.adapters.preview_repository import PreviewRepository
from openings.adapters.reach_repository import ReachRepository
from openings.domain.draft import Draft, end


class ReachWork:
    """Applies each record once, by its version. Counts of an opening that this service has lost are kept for the day on which
    the opening comes back."""

    def __init__(self, clock: Clock, outbox: Outbox) -> None:
        self._clock, self._outbox = clock, outbox

    async def load(self, session: AsyncSession, hold: Hold) -> None:
        """Nothing to load: the tables are the state."""

    def due(self, standing: Standing) -> bool:
        return False

    async def known(self, store: Store, batch: Batch) -> Sequence[KnownSubject]:
        """The stored version of each subject, and its true employer, against which the event is checked."""
        subjects = [reading_of(received).subject_id for received in batch]
        async with store.reading() as session:
            reach = ReachRepository(session)
            versions, owners = await reach.versions(set(subjects)), await reach.owners(set(subjects))
        return [
            KnownSubject(versions.get(each, 0), {"employer_id": owners[each]} if each in owners else {}) for each in subjects
        ]

    async def prepare(self, batch: Batch, behind: int = 0) -> Sequence[Received[Reading]]:
        return batch

    async def write(self, session: AsyncSession, prepared: Sequence[Received[Reading]], standing: Standing) -> Standing:
        if not prepared:
            return standing
        subjects = {reading_of(received).subject_id for received in prepared}
        drafts = await DraftRepository(session).claim_known(subjects)
        await ReachRepository(session).keep([reach_values(received) for received in prepared])
        for received in prepared:
            draft = drafts.get(reading_of(received).subject_id)
            if draft is not None:
                drafts[draft.draft_id] = await self._answer(session, draft, received)
        return standing

    async def _answer(self, session: AsyncSession, draft: Draft, received: Received[Reading]) -> Draft:
        """Counts of another version than the one that asks answer nothing: they are late, or of a draft that has ended."""
        reading = reading_of(received)
        if draft.preview_id is None or not isinstance(reading, ReachReading) or reading.subject_version != draft.version:
            return draft
        await PreviewRepository(session, None).answer(draft.preview_id, reading.counted)
        ended = end(draft, self._clock.now())
        await DraftRepository(session).end(ended)
        await self._outbox.record(session, [ended_event(ended, received.event)])
        return ended

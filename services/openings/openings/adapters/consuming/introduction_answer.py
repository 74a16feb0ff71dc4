"""The consumer of `learners.introduction.v1`: keeps the newest answer to each introduction, and what follows from it."""

from collections.abc import Sequence
from dataclasses import replace

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.clock import Clock
from makersync.effects.consumer_port import Batch, KnownSubject
from makersync.effects.fence import Hold, Standing
from makersync.effects.outbox import Outbox
from makersync.effects.reading import Reading, Received
from makersync.feed.entries import FeedWriter
from makersync.http.idempotency import forget_answers
from makersync.store.database import Store
from makersync.store.upserts import upsert
from openings.adapters.consuming.answer_reading import answer_in, answer_values, reading_of
from openings.adapters.introduction_entries import answer_entry
from openings.adapters.introduction_events import request_event
from openings.adapters.introduction_repository import IntroductionRequestRepository
from openings.adapters.introduction_tables import IntroductionRequestRow, ReceivedAnswerRow
from openings.domain.introduction import FORGETTING_REASONS, IntroductionRequest
from openings.domain.introduction_life import ANSWERED, end_with, forget, is_answered_with_end


class IntroductionAnswerWork:
    """Applies each answer once, by its version. An answer to an introduction that this service has lost is kept for the day on
    which the introduction comes back."""

    def __init__(self, clock: Clock, outbox: Outbox) -> None:
        self._clock, self._outbox = clock, outbox

    async def load(self, session: AsyncSession, hold: Hold) -> None:
        """Nothing to load: the tables are the state."""

    def due(self, standing: Standing) -> bool:
        return False

    async def known(self, store: Store, batch: Batch) -> Sequence[KnownSubject]:
        """The stored version of each answer, and the true employer of its introduction, against which the event is checked."""
        ids = list({reading_of(received).introduction_id for received in batch})
        async with store.reading() as session:
            versions = await _versions(session, ids)
            owners = select(IntroductionRequestRow.introduction_id, IntroductionRequestRow.employer_id)
            employers = dict((await session.exec(owners.where(col(IntroductionRequestRow.introduction_id).in_(ids)))).all())
        subjects = [reading_of(received).introduction_id for received in batch]
        return [
            KnownSubject(versions.get(each, 0), {"employer_id": employers[each]} if each in employers else {})
            for each in subjects
        ]

    async def prepare(self, batch: Batch, behind: int = 0) -> Sequence[Received[Reading]]:
        return batch

    async def write(self, session: AsyncSession, prepared: Sequence[Received[Reading]], standing: Standing) -> Standing:
        if not prepared:
            return standing
        ids = {reading_of(received).introduction_id for received in prepared}
        introductions = await IntroductionRequestRepository(session, None).claim_known(ids)
        versions = await _versions(session, list(ids))
        for received in prepared:
            introduction_id, version = reading_of(received).introduction_id, received.event.version
            if version <= versions.get(introduction_id, 0):
                continue
            versions[introduction_id] = version
            await upsert(session, ReceivedAnswerRow, [answer_values(received)], ["introduction_id"], newer_by="version")
            if (introduction := introductions.get(introduction_id)) is not None:
                introductions[introduction_id] = await self._apply(session, introduction, received)
        return standing

    async def _apply(
        self, session: AsyncSession, before: IntroductionRequest, received: Received[Reading]
    ) -> IntroductionRequest:
        introductions, feed = IntroductionRequestRepository(session, None), FeedWriter(session, self._clock)
        answer = answer_in(received)
        after = replace(before, answer=answer, refused=before.refused or answer.is_no)
        entry = answer_entry(before, after)
        if reading_of(received).reason in FORGETTING_REASONS:
            await feed.forget([(after.employer_id, after.introduction_id)])
            await forget_answers(session, f"/v1/introductions/{after.introduction_id}")
            after = forget(after)
        await introductions.note_answer(after)
        await feed.record([] if entry is None else [entry])
        if is_answered_with_end(after):
            change = end_with(after, ANSWERED, self._clock.now())
            await introductions.save(change.introduction)
            await self._outbox.record(session, [request_event(change, received.event)])
            return change.introduction
        return after


async def _versions(session: AsyncSession, introduction_ids: Sequence[str]) -> dict[str, int]:
    statement = select(ReceivedAnswerRow.introduction_id, ReceivedAnswerRow.version)
    rows = await session.exec(statement.where(col(ReceivedAnswerRow.introduction_id).in_(introduction_ids)))
    return dict(rows.all())

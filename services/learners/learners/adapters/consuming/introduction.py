"""Consumes what the employers' side says of introductions: keeps its newest version, and tells the providers.

A group of its own, not part of the market's: while processes of two releases run side by side, a group whose members read
different topics would give one partition number to two of them (decision 0060). What the service does about an introduction is
no part of the batch: `IntroductionSweep` does it, since this consumer publishes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from learners.adapters.consuming.introduction_reading import IntroductionReading, introduction_published
from learners.adapters.feed_entries import introduction_entries
from learners.adapters.introduction_repository import answers_of, claim_requests, save_requests
from learners.adapters.introduction_rows import answer_of
from learners.adapters.introduction_tables import IntroductionAnswerRow, IntroductionRow
from learners.adapters.learner_erasures import erased_among, hold_learners
from learners.adapters.learner_tables import LearnerRow
from learners.domain.introduction import Introduction, taken, without_words
from makersync.clock import Clock
from makersync.effects.consumer_port import Batch, KnownSubject
from makersync.effects.fence import Hold, Standing
from makersync.effects.reading import Reading
from makersync.feed.entries import FeedWriter, NewEntry
from makersync.store.database import Store


@dataclass(frozen=True, slots=True)
class IntroductionBatch:
    """The states of each introduction, oldest first, and the time of each version."""

    states: Mapping[str, Sequence[Introduction]]
    times: Mapping[tuple[str, int], datetime]

    @property
    def learners(self) -> frozenset[str]:
        return frozenset(one.learner_id for each in self.states.values() for one in each)


class IntroductionWork:
    """Keeps what arrives on one partition in the table, its only state. Versions make repeated events harmless."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def load(self, session: AsyncSession, hold: Hold) -> None:
        """Nothing to load: the table is the state."""

    def due(self, standing: Standing) -> bool:
        return False

    async def known(self, store: Store, batch: Batch) -> Sequence[KnownSubject]:
        """An introduction names the provider of its learner; another's is set aside."""
        async with store.reading() as session:
            return await _known(session, [_reading(received.data) for received in batch])

    async def prepare(self, batch: Batch, behind: int = 0) -> IntroductionBatch:
        states: dict[str, dict[int, Introduction]] = {}
        times: dict[tuple[str, int], datetime] = {}
        for received in batch:
            one = introduction_published(received, _reading(received.data))
            states.setdefault(one.introduction_id, {}).setdefault(one.request.version, one)
            times.setdefault((one.introduction_id, one.request.version), received.event.time)
        return IntroductionBatch({name: [each[number] for number in sorted(each)] for name, each in states.items()}, times)

    async def write(self, session: AsyncSession, prepared: IntroductionBatch, standing: Standing) -> Standing:
        providers = await hold_learners(session, prepared.learners)
        erased = await erased_among(session, prepared.learners)
        stored = await claim_requests(session, prepared.states.keys())
        # After a restoration an answer may be back before the introduction that it belongs to.
        answers = await answers_of(session, prepared.states.keys() - stored.keys())
        newest: list[Introduction] = []
        entries: list[NewEntry] = []
        for name, states in prepared.states.items():
            fresh = self._fresh(stored.get(name), _answered(states, answers.get(name)), erased)
            newest += fresh[-1:]
            for before, after in zip([stored.get(name), *fresh], fresh, strict=False):
                if providers.get(after.learner_id) == after.provider_id:
                    entries += introduction_entries(before, after, prepared.times[name, after.request.version])
        await save_requests(session, newest, erased)
        await FeedWriter(session, self._clock).record(entries)
        return standing

    def _fresh(
        self, stored: Introduction | None, states: Sequence[Introduction], erased: frozenset[str]
    ) -> Sequence[Introduction]:
        """The introduction after each state that is newer than what is stored."""
        before, fresh = stored, []
        for state in states:
            if before is None or state.request.version > before.request.version:
                before = taken(before, state, self._clock.now())
                fresh.append(without_words(before) if before.learner_id in erased else before)
        return fresh


def _answered(states: Sequence[Introduction], answer: IntroductionAnswerRow | None) -> Sequence[Introduction]:
    return states if answer is None else [replace(state, answer=answer_of(answer)) for state in states]


async def _known(session: AsyncSession, readings: Sequence[IntroductionReading]) -> Sequence[KnownSubject]:
    here = col(IntroductionRow.introduction_id).in_([each.introduction_id for each in readings])
    rows = {row.introduction_id: row for row in (await session.exec(select(IntroductionRow).where(here))).all()}
    of_learner = select(LearnerRow.learner_id, LearnerRow.provider_id)
    mine = of_learner.where(col(LearnerRow.learner_id).in_([each.learner_id for each in readings]))
    providers = dict((await session.exec(mine)).all())
    return [_subject(rows.get(each.introduction_id), providers.get(each.learner_id)) for each in readings]


def _subject(row: IntroductionRow | None, provider_id: str | None) -> KnownSubject:
    owners = {} if provider_id is None else {"provider_id": provider_id}
    if row is None:
        return KnownSubject(0, owners)
    return KnownSubject(row.version, {"provider_id": row.provider_id, "employer_id": row.employer_id} | owners)


def _reading(data: Reading) -> IntroductionReading:
    """Raises TypeError for what no reader of this consumer produces."""
    if not isinstance(data, IntroductionReading):
        raise TypeError(f"not an introduction: {type(data).__name__}")
    return data

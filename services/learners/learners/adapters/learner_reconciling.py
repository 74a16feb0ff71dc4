"""Reconciles learners: takes them back from the topic, publishes them again above it, and erases the erased again.

A learner has one record in each region of the reach. Personal data is in the store alone: for a learner who was registered
after the backup, the provider must enter it again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.learners import AwardState, LearnerEnded, LearnerState
from contracts.topics import LEARNER
from contracts.vocabulary import AwardStatus, Evidence
from learners.adapters.introduction_repository import IntroductionRepository
from learners.adapters.learner_events import learner_event, learner_state
from learners.adapters.learner_repository import LearnerRepository
from learners.adapters.learner_tables import ErasedLearnerRow
from learners.adapters.provider_feeds import SqlProviderFeeds, blank_market
from learners.adapters.provider_repository import restore_provider
from learners.domain.award import Award, AwardDates
from learners.domain.errors import Absent
from learners.domain.learner import Availability, Learner, LearnerEvent, Reach, placed
from learners.domain.learner_person import Person
from makersync.clock import Clock
from makersync.effects.divergence import Case, KeyCase, NotReconciled
from makersync.effects.outbox import NewEvent
from makersync.effects.reading import Reading, Received
from makersync.effects.reconciling import Choice
from makersync.envelope import decode_sealed
from makersync.store.upserts import upsert
from reference.places import Places, UnknownZip

#: Replaces a lost name, until the provider enters it again.
LOST_NAME = "Name lost: enter it again"


@dataclass(frozen=True, slots=True)
class LearnerPart:
    """A withdrawal always wins: no choice restores a consent or a search that the log withdrew, and the log restores none that
    was withdrawn in the store later."""

    session: AsyncSession
    clock: Clock
    places: Places

    async def settle(self, case: Case, choice: Choice) -> Sequence[NewEvent]:
        stored = await self._stored(case.subject)
        if case.has_ended:
            return await self._erase(case, stored)
        logged = self._taken(case, stored)
        if choice is Choice.TAKE_LOG and logged is not None and case.log_leads:
            if stored is not None and stored.provider_id != logged.provider_id:
                raise NotReconciled("the log names another provider than the store: only --above is possible")
            return await self._take(case, stored, logged)
        if stored is not None:
            return await self._rise(case, stored, _without_withdrawn(stored, logged if case.log_leads else None))
        if case.logged:
            return [_withdrawn(case, each.region) for each in case.keys]
        raise NotReconciled("nothing of it can be read, in the log or in the store")

    async def _stored(self, learner_id: str) -> Learner | None:
        try:
            return await LearnerRepository(self.session, None).claim(learner_id)
        except Absent:
            return None

    async def _take(self, case: Case, stored: Learner | None, logged: Learner) -> Sequence[NewEvent]:
        wanted = logged if stored is None or not _store_is_newer(case) else _without_withdrawn(logged, stored)
        if wanted == logged and not case.must_rise and _is_published(case, logged):
            await self._keep(stored, logged)
            return ()
        return await self._rise(case, stored, wanted)

    async def _rise(self, case: Case, stored: Learner | None, wanted: Learner) -> Sequence[NewEvent]:
        risen = replace(wanted, version=case.next_version)
        try:
            risen = placed(risen, self.places)
        except UnknownZip:
            await self._keep(stored, risen)
            return [_withdrawn(case, each.region) for each in case.keys]
        await self._keep(stored, risen)
        left = {each.region for each in case.keys} - set(risen.regions)
        withdraws = stored is not None and stored.consents and not risen.consents
        kind = LearnerEvent.CONSENT_WITHDRAWN if withdraws else LearnerEvent.REVISED
        return [learner_event(risen, region, kind) for region in risen.regions] + [
            _withdrawn(case, region) for region in sorted(left)
        ]

    async def _keep(self, stored: Learner | None, after: Learner) -> None:
        learners = LearnerRepository(self.session, None)
        before = stored
        if before is None:
            before = replace(after, awards=())
            await restore_provider(self.session, after.provider_id, self.clock.now())
            await learners.add(before, Person(LOST_NAME))
        await learners.save(before, after)
        if after.home:
            await SqlProviderFeeds(self.session, self.clock).concern(after.provider_id, after.home)

    async def _erase(self, case: Case, stored: Learner | None) -> Sequence[NewEvent]:
        ended = all(each.logged is not None and each.logged.kind == LearnerEvent.ERASED for each in case.keys)
        rises = case.must_rise or not ended
        version, at, regions = case.next_version if rises else case.floor, _ended_at(case, self.clock), _regions_of(case)
        if stored is not None:
            await LearnerRepository(self.session, None).erase(stored, version, at)
        row = {"learner_id": case.subject, "version": version, "regions": regions, "erased_at": at}
        await upsert(self.session, ErasedLearnerRow, [row], ["learner_id"])
        await IntroductionRepository(self.session, None).blank(case.subject)
        if stored is None:
            await blank_market(self.session, case.subject)
        else:
            await SqlProviderFeeds(self.session, self.clock).erased(stored)
        return [_ended(LearnerEvent.ERASED, case.subject, region, version) for region in regions] if rises else ()

    def _taken(self, case: Case, stored: Learner | None) -> Learner | None:
        """The newest state of the learner in the topic; None when it only has withdrawals."""
        states = [one for one in case.logged if isinstance(one.data, LearnerState)]
        if not states:
            return None
        newest = max(states, key=lambda one: one.event.version)
        try:
            return placed(_learner_of(newest, stored), self.places)
        except UnknownZip:
            return None


def _without_withdrawn(wanted: Learner, other: Learner | None) -> Learner:
    """`wanted`, but with consent and search only if `other` has them too."""
    if other is None:
        return wanted
    seeking = wanted.availability.seeking and other.availability.seeking
    since = wanted.availability.seeking_since if seeking else None
    availability = replace(wanted.availability, seeking=seeking, seeking_since=since)
    return replace(wanted, consents=wanted.consents and other.consents, availability=availability)


def _store_is_newer(case: Case) -> bool:
    """Whether the store accepted a change after the newest one in the log."""
    newest = max(one.event.time for one in case.logged)
    return case.stored is not None and case.stored.time > newest


def _is_published(case: Case, learner: Learner) -> bool:
    """Whether the topic ends with this state in every region of the reach, and with an end in every other."""
    reached = set(learner.regions)
    return reached <= {each.region for each in case.keys} and all(_ends_with(each, learner, reached) for each in case.keys)


def _ends_with(each: KeyCase, learner: Learner, reached: set[str]) -> bool:
    if each.logged is None:
        return False
    if each.region not in reached:
        return isinstance(each.logged.data, LearnerEnded)
    return each.log.version == learner.version and each.logged.data == learner_state(learner, each.region)


def _learner_of(received: Received[Reading], stored: Learner | None) -> Learner:
    state = received.data
    if not isinstance(state, LearnerState):
        raise TypeError(f"not the state of a learner: {type(state).__name__}")
    known = {} if stored is None else {award.award_id: award for award in stored.awards}
    return Learner(
        learner_id=state.learner_id,
        provider_id=state.provider_id,
        reach=Reach(state.zip, state.reach_km, state.remote_ok),
        availability=Availability(state.seeking, state.seeking_since, state.available_from, state.shifts, state.wage_floor),
        consents=state.consents_to_matching,
        awards=tuple(_award_of(award, known.get(award.award_id), received.event.time) for award in state.awards),
        version=received.event.version,
    )


def _award_of(state: AwardState, known: Award | None, at: datetime) -> Award:
    """An unchanged award keeps the moment at which it was vouched for; for a changed one, the time of the event is taken."""
    status, dates = AwardStatus(state.status), AwardDates(state.issued_on, state.expires_on, state.expected_on)
    unchanged = known is not None and (known.status, known.dates) == (status, dates)
    return Award(
        award_id=state.award_id,
        credential=state.credential,
        status=status,
        dates=dates,
        evidence=Evidence(state.evidence),
        vouched_at=known.vouched_at if known is not None and unchanged else at,
        cohort_id=None if known is None else known.cohort_id,
    )


def _ended_at(case: Case, clock: Clock) -> datetime:
    ends = [decode_sealed(each.log.final.value).time for each in case.keys if each.log.final is not None]
    return min(ends) if ends else clock.now()


def _regions_of(case: Case) -> list[str]:
    return sorted(each.region for each in case.keys)


def _withdrawn(case: Case, region: str) -> NewEvent:
    return _ended(LearnerEvent.WITHDRAWN, case.subject, region, case.next_version)


def _ended(kind: LearnerEvent, learner_id: str, region: str, version: int) -> NewEvent:
    return NewEvent(LEARNER, kind.value, learner_id, region, version, LearnerEnded(learner_id=learner_id, region=region))

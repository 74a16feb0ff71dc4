"""Where the openings' store and their topic differ: the topic's state taken back, or the store's told again above it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.openings import OpeningState
from contracts.topics import OPENING
from makersync.clock import Clock
from makersync.effects.divergence import Case, NotReconciled
from makersync.effects.outbox import NewEvent
from makersync.effects.reading import Reading, Received
from makersync.effects.reconciling import Choice
from makersync.store.database import upsert
from openings.adapters.opening_rows import groups_of, opening_of, opening_state, values_of
from openings.adapters.tables import EmployerRow, OpeningRow
from openings.domain.employer import lost_name
from openings.domain.life import Happened
from openings.domain.opening import Opening, Shift, Status, Terms

KIND = "opening"


@dataclass(frozen=True, slots=True)
class OpeningReconciler:
    """An opening that only the topic knows is taken back with its employer, whose name is lost; or, above, it is closed: nobody
    stays on the shortlist of an opening that nobody can close."""

    clock: Clock
    kinds: Sequence[str] = (KIND,)
    final_types: frozenset[str] = frozenset()

    def kind_of(self, topic: str, subject: str) -> str:
        return KIND

    async def settle(self, session: AsyncSession, case: Case, choice: Choice) -> Sequence[NewEvent]:
        row = await session.get(OpeningRow, case.subject)
        stored = None if row is None else opening_of(row)
        taken = next((_taken(each, stored) for each in case.logged), None)
        if choice is Choice.TAKE_LOG and taken is not None and case.log_leads:
            _demand_same_owner(stored, taken)
            return await self._take(session, case, taken)
        if stored is not None:
            return await self._rise(session, case, _with_groups_of(stored, taken, case.next_version), Happened.REVISED)
        if taken is not None:
            return await self._rise(session, case, replace(taken, status=Status.CLOSED), Happened.CLOSED)
        raise NotReconciled("nothing of it can be read, in the log or in the store")

    async def _take(self, session: AsyncSession, case: Case, taken: Opening) -> Sequence[NewEvent]:
        if case.must_rise:
            return await self._rise(session, case, taken, Happened.REVISED)
        await self._keep(session, taken)
        return ()

    async def _rise(self, session: AsyncSession, case: Case, opening: Opening, happened: Happened) -> Sequence[NewEvent]:
        risen = replace(opening, version=case.next_version, changed_at=self.clock.now())
        await self._keep(session, risen)
        return [NewEvent(OPENING, happened.value, risen.opening_id, risen.region, risen.version, opening_state(risen))]

    async def _keep(self, session: AsyncSession, opening: Opening) -> None:
        employer = {"employer_id": opening.employer_id, "name": lost_name(opening.employer_id)}
        if await session.get(EmployerRow, opening.employer_id) is None:
            await upsert(session, EmployerRow, [employer | {"created_at": self.clock.now()}], ["employer_id"])
        await upsert(session, OpeningRow, [values_of(opening)], ["opening_id"])


def _demand_same_owner(stored: Opening | None, taken: Opening) -> None:
    if stored is not None and (stored.employer_id, stored.region) != (taken.employer_id, taken.region):
        raise NotReconciled("the log names another employer or region than the store: only --above is possible")


def _with_groups_of(stored: Opening, logged: Opening | None, version: int) -> Opening:
    """Readers of the topic may know other groups."""
    same = logged is not None and logged.terms.groups == stored.terms.groups
    return stored if same else replace(stored, groups_version=version)


def _taken(received: Received[Reading], stored: Opening | None) -> Opening:
    state, event = received.data, received.event
    if not isinstance(state, OpeningState):
        raise TypeError(f"not the state of an opening: {type(state).__name__}")
    terms = Terms(
        title=state.title,
        positions=state.positions,
        occupation=state.occupation,
        zip=state.zip,
        remote=state.remote,
        start_by=state.start_by,
        closes_on=state.closes_on,
        shifts=tuple(Shift(shift) for shift in state.shifts),
        wage_min=state.wage_min,
        wage_max=state.wage_max,
        groups=groups_of(state.groups),
    )
    same_groups = stored is not None and stored.terms.groups == terms.groups
    return Opening(
        opening_id=state.opening_id,
        employer_id=state.employer_id,
        region=state.region,
        terms=terms,
        filled=state.filled,
        status=Status(state.status),
        version=event.version,
        groups_version=stored.groups_version if stored is not None and same_groups else event.version,
        published_at=event.time if stored is None else stored.published_at,
        changed_at=event.time,
        expiry_told=_expiry_told(received.kind, state.closes_on),
    )


def _expiry_told(kind: str, closes_on: date | None) -> date | None:
    return closes_on if kind == Happened.EXPIRED.value else None

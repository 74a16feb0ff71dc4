"""Reconciles the openings' store with their topic: takes the topic's state back, or publishes the store's state above it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.openings import OpeningState
from contracts.vocabulary import OpeningStatus
from makersync.clock import Clock
from makersync.effects.divergence import Case, NotReconciled
from makersync.effects.outbox import NewEvent
from makersync.effects.reading import Reading, Received
from makersync.effects.reconciling import Choice
from makersync.store.upserts import upsert
from openings.adapters.employer_repository import public_name
from openings.adapters.employer_tables import EmployerRow
from openings.adapters.opening_events import opening_event, terms_of
from openings.adapters.opening_repository import opening_of, row_values, write_title_terms
from openings.adapters.opening_tables import OpeningRow
from openings.domain.employer import lost_name
from openings.domain.opening import Opening
from openings.domain.opening_life import OpeningEventKind


@dataclass(frozen=True, slots=True)
class OpeningPart:
    """Settles one opening at a time.

    With TAKE_LOG, an opening that only the topic knows comes back, together with an employer whose name is lost. With ABOVE it
    is closed, because otherwise candidates would stay on the shortlist of an opening that nobody can close.
    """

    session: AsyncSession
    clock: Clock

    async def settle(self, case: Case, choice: Choice) -> Sequence[NewEvent]:
        row = await self.session.get(OpeningRow, case.subject)
        stored = None if row is None else opening_of(row)
        logged = next((_logged(each, stored) for each in case.logged), None)
        if choice is Choice.TAKE_LOG and logged is not None and case.log_leads:
            _demand_same_owner(stored, logged)
            return await self._take_back(case, logged)
        if stored is not None:
            newer = _with_groups_version(stored, logged, case.next_version)
            return await self._publish_above(case, newer, OpeningEventKind.REVISED)
        if logged is not None:
            closed = replace(logged, status=OpeningStatus.CLOSED)
            return await self._publish_above(case, closed, OpeningEventKind.CLOSED)
        raise NotReconciled("nothing of it can be read, in the log or in the store")

    async def _take_back(self, case: Case, logged: Opening) -> Sequence[NewEvent]:
        if case.must_rise:
            return await self._publish_above(case, logged, OpeningEventKind.REVISED)
        await self._store(logged)
        return ()

    async def _publish_above(self, case: Case, opening: Opening, kind: OpeningEventKind) -> Sequence[NewEvent]:
        above = replace(opening, version=case.next_version, changed_at=self.clock.now())
        await self._store(above)
        return [opening_event(kind, above, await public_name(self.session, above.employer_id))]

    async def _store(self, opening: Opening) -> None:
        employer = {"employer_id": opening.employer_id, "name": lost_name(opening.employer_id)}
        if await self.session.get(EmployerRow, opening.employer_id) is None:
            await upsert(self.session, EmployerRow, [employer | {"created_at": self.clock.now()}], ["employer_id"])
        await upsert(self.session, OpeningRow, [row_values(opening)], ["opening_id"])
        await write_title_terms(self.session, opening)


def _demand_same_owner(stored: Opening | None, logged: Opening) -> None:
    if stored is not None and (stored.employer_id, stored.region) != (logged.employer_id, logged.region):
        raise NotReconciled("the log names another employer or region than the store: only --above is possible")


def _with_groups_version(stored: Opening, logged: Opening | None, version: int) -> Opening:
    """Unless the log has the same groups, readers of the topic may know others: the groups count as new at `version`."""
    same = logged is not None and logged.terms.groups == stored.terms.groups
    return stored if same else replace(stored, groups_version=version)


def _logged(received: Received[Reading], stored: Opening | None) -> Opening:
    """The opening as the log has it."""
    state, event = received.data, received.event
    if not isinstance(state, OpeningState):
        raise TypeError(f"not the state of an opening: {type(state).__name__}")
    terms = terms_of(state)
    same_groups = stored is not None and stored.terms.groups == terms.groups
    return Opening(
        opening_id=state.opening_id,
        employer_id=state.employer_id,
        region=state.region,
        terms=terms,
        filled=state.filled,
        status=OpeningStatus(state.status),
        version=event.version,
        groups_version=stored.groups_version if stored is not None and same_groups else event.version,
        published_at=event.time if stored is None else stored.published_at,
        changed_at=event.time,
        expiry_announced_for=_announced_expiry(received.kind, state.closes_on),
    )


def _announced_expiry(kind: str, closes_on: date | None) -> date | None:
    return closes_on if kind == OpeningEventKind.EXPIRED.value else None

"""Reconciles the learner's side of introductions: takes it back from the topic, or publishes it again above it. The employer's
side is consumed again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.introductions import IntroductionAnswerState
from contracts.topics import INTRODUCTION_ANSWER
from learners.adapters.introduction_events import answer_state
from learners.adapters.introduction_repository import REQUEST, with_answers
from learners.adapters.introduction_tables import IntroductionAnswerRow, IntroductionRow
from learners.adapters.provider_repository import restore_provider
from learners.domain.introduction_steps import KINDS
from makersync.clock import Clock
from makersync.effects.divergence import Case, NotReconciled
from makersync.effects.outbox import NewEvent
from makersync.effects.reading import Reading, Received
from makersync.effects.reconciling import Choice
from makersync.store.upserts import upsert

Columns = dict[str, Any]
_IDS = ("opening_id", "learner_id", "employer_id", "provider_id", "region")


@dataclass(frozen=True, slots=True)
class AnswerPart:
    """An end always wins: no choice accepts again what the log has ended, and the log opens nothing that the store has ended
    since. An answer that only the log has is taken from it."""

    session: AsyncSession
    clock: Clock

    async def settle(self, case: Case, choice: Choice) -> Sequence[NewEvent]:
        row = await self.session.get(IntroductionAnswerRow, case.subject, with_for_update=True, populate_existing=True)
        stored = None if row is None else {name: getattr(row, name) for name in IntroductionAnswerRow.model_fields}
        logged = _columns_of(case.logged[0], stored) if case.logged else None
        if stored is None and logged is None:
            raise NotReconciled("nothing of it can be read, in the log or in the store")
        wanted = _wanted(stored, logged if case.log_leads or stored is None else None, choice)
        if wanted is logged and logged is not None and not case.must_rise:
            await self._keep(logged)
            return ()
        risen = wanted | {"version": case.next_version}
        await self._keep(risen)
        subject, region, kind = risen["introduction_id"], risen["region"], KINDS[risen["status"]].value
        return [NewEvent(INTRODUCTION_ANSWER, kind, subject, region, risen["version"], answer_state(risen))]

    async def _keep(self, columns: Columns) -> None:
        await restore_provider(self.session, columns["provider_id"], self.clock.now())
        await upsert(self.session, IntroductionAnswerRow, [columns], ["introduction_id"])
        row = await self.session.get(IntroductionRow, columns["introduction_id"], populate_existing=True)
        if row is not None:
            [introduction] = await with_answers(self.session, [row])
            here = REQUEST.c.introduction_id == row.introduction_id
            await self.session.exec(
                update(REQUEST).where(here).values(status=introduction.status.value, hire=introduction.hire, ended_at=None)
            )


def _wanted(stored: Columns | None, logged: Columns | None, choice: Choice) -> Columns:
    """The log's side only if it leads, and then whichever has ended, whatever was chosen. One of them is given."""
    if stored is None or logged is None:
        return logged if stored is None and logged is not None else stored or {}
    if _is_open(stored) != _is_open(logged):
        return logged if _is_open(stored) else stored
    return logged if choice is Choice.TAKE_LOG else stored


def _is_open(columns: Columns) -> bool:
    return bool(columns["status"] == "accepted")


def _columns_of(received: Received[Reading], stored: Columns | None) -> Columns:
    state = received.data
    if not isinstance(state, IntroductionAnswerState):
        raise TypeError(f"not the answer to an introduction: {type(state).__name__}")
    columns = state.model_dump() | {"version": received.event.version}
    if stored is not None and any(stored[name] != columns[name] for name in _IDS):
        raise NotReconciled("the log names other ids than the store: only --above is possible")
    return columns | {"resumes_since": None if stored is None else stored["resumes_since"]}

"""Dead letters and halted partitions over HTTP, with the functions of `makersync dead-letters` and `makersync resume`."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from sqlmodel import col, select

from makersync.clock import Clock
from makersync.effects.dead_letter_decisions import DeadLetterSelection, Decision, decide, selected_ids
from makersync.effects.dead_letters import DISMISSED, REQUESTED
from makersync.effects.halts import request_resume
from makersync.http.pagination import Order, Page, PageQuery, page_of
from makersync.http.problems import NotFound
from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator
from makersync.http.wiring import Reading
from makersync.runtime.dead_letter_bodies import (
    DeadLetterView,
    Decided,
    ReplayBody,
    ResumeBody,
    Resumed,
    SelectionBody,
    Status,
    WholeDeadLetterView,
    dead_letter_view,
    halt_view,
)
from makersync.store.database import Store
from makersync.store.tables import DeadLetterRow

Consumer = Annotated[str | None, Query(max_length=120, description="Only records of the consumer of this name.")]
TopicName = Annotated[str | None, Query(max_length=120, description="Only records of this topic.")]
Partition = Annotated[int | None, Query(ge=0, lt=2**31, description="Only records of this partition number.")]
Reason = Annotated[str | None, Query(max_length=120, description="Only records set aside for this reason, by its fixed name.")]
Subject = Annotated[
    str | None, Query(max_length=600, description="Only records of this subject: its id, or the record's whole key.")
]
LetterId = Annotated[int, Path(ge=1, lt=2**63, description="Number of the dead letter.")]
#: Databases limit the number of parameters in one statement.
MOST_OF_A_SUBJECT = 400


def _selection(
    status: Annotated[Status, Query(description="What was decided; without it, those that nobody has decided about.")] = "open",
    consumer: Consumer = None,
    topic: TopicName = None,
    partition: Partition = None,
    reason: Reason = None,
    subject: Subject = None,
) -> DeadLetterSelection:
    return DeadLetterSelection(None, consumer, topic, partition, reason, subject, (status,))


Selection = Annotated[DeadLetterSelection, Depends(_selection)]


def dead_letter_router(store: Store, clock: Clock) -> APIRouter:
    """These routes also work while a condition stops changes, because operators repair the service through them."""
    router = APIRouter(tags=["operations"], route_class=CheckedRoute)
    _add_lists(router)
    _add_decisions(router, store, clock)
    return router


def _add_lists(router: APIRouter) -> None:
    @router.get("/v1/dead-letters", summary="Records set aside, oldest first")
    async def list_dead_letters(
        _operator: Operator, session: Reading, selection: Selection, page: PageQuery
    ) -> Page[DeadLetterView]:
        """Records that a consumer could not take. The consumer has gone on without them. The record itself is in the details of
        each.
        """
        query = select(DeadLetterRow).where(*selection.clauses())
        if selection.subject is not None:
            ids = await selected_ids(session, selection)
            query = query.where(col(DeadLetterRow.id).in_(ids[:MOST_OF_A_SUBJECT]))
        return await page_of(session, query, Order((col(DeadLetterRow.id),)), page, dead_letter_view)

    @router.get("/v1/dead-letters/{dead_letter_id}", summary="One of them, with its record")
    async def show_dead_letter(
        _operator: Operator, session: Reading, response: Response, dead_letter_id: LetterId
    ) -> WholeDeadLetterView:
        """The record as far as it is text. It can hold personal data: the answer must not be stored in caches."""
        row = await session.get(DeadLetterRow, dead_letter_id)
        if row is None:
            raise NotFound("no_such_thing", "There is no such dead letter.")
        # No consumer could read the record, so it may contain personal data.
        response.headers["Cache-Control"] = "no-store"
        record = None if row.payload is None else row.payload.decode(errors="backslashreplace")
        return WholeDeadLetterView(**dead_letter_view(row).model_dump(), detail=row.detail, record=record)


def _add_decisions(router: APIRouter, store: Store, clock: Clock) -> None:
    async def decided(body: SelectionBody, decision: Decision) -> Decided:
        selection = replace(body.selection, statuses=decision.takes)
        async with store.transaction() as session:
            found = await decide(session, clock, await selected_ids(session, selection), decision)
        return Decided(count=found.total(), requested=found[REQUESTED])

    @router.post("/v1/dead-letters/replay", summary="Let their consumer read them again")
    async def replay_dead_letters(operator: Operator, body: ReplayBody) -> Decided:
        """The consumer takes them from the copies that were set aside, within seconds and no faster than `rate`. What is still
        wrong is open again. This works also while writes are stopped.
        """
        return await decided(body, Decision(REQUESTED, operator.actor_id, body.because, body.rate))

    @router.post("/v1/dead-letters/dismiss", summary="Close them; they are kept")
    async def dismiss_dead_letters(operator: Operator, body: SelectionBody) -> Decided:
        """Nothing of them is ever taken, and what waits for a replay is taken back. They stay in the list under the status
        `dismissed`.
        """
        return await decided(body, Decision(DISMISSED, operator.actor_id, body.because))

    @router.post("/v1/partitions/resume", summary="Let halted partitions go on")
    async def resume_partitions(operator: Operator, body: ResumeBody) -> Resumed:
        """The consumer goes on at the record at which it stopped, within a second. Fix what `reason` names first, or it stops
        there again. Without `consumer` and `partition` all that are halted go on.
        """
        async with store.transaction() as session:
            found = await request_resume(session, clock, operator.actor_id, body.because, body.consumer, body.partition)
        return Resumed(resumed=[halt_view(halt) for halt in found])

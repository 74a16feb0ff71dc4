"""Dead letters and halted partitions for operators, over HTTP: as `makersync dead-letters` and `makersync resume`."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal, Self

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field, model_validator
from sqlmodel import col, select

from makersync.effects.dead_letters import DISMISSED, REQUESTED
from makersync.effects.halts import Halt, request_resume
from makersync.effects.letter_decisions import Decision, LetterSelection, decide, selected_ids
from makersync.http.bodies import RequestModel
from makersync.http.pagination import Order, Page, PageQuery, page_of
from makersync.http.problems import NotFound
from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator
from makersync.http.wiring import Reading
from makersync.store.tables import DeadLetterRow

if TYPE_CHECKING:
    from makersync.runtime.process import ServiceProcess

Status = Literal["open", "requested", "superseded", "replayed", "dismissed"]
Name = Annotated[str, Query(max_length=120)]
Number = Annotated[int, Field(ge=0, lt=2**31, strict=True)]
LetterId = Annotated[int, Path(ge=1, lt=2**63)]
MOST_IDS = 1000
#: A statement bounds the number of its values.
MOST_OF_A_SUBJECT = 400


class DeadLetterView(BaseModel):
    """A record that was set aside, without the record. `key` is shown as far as it is text."""

    id: int
    consumer: str
    topic: str
    partition: int
    offset: int
    key: str
    reason: str
    status: Status
    seen_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None
    note: str | None
    attempts: int = Field(description="How often it was replayed.")
    attempted_at: datetime | None


class WholeDeadLetterView(DeadLetterView):
    """With what was wrong, and the record as far as it is text."""

    detail: str
    record: str | None


class SelectionBody(RequestModel):
    """Dead letters that are all of this: open ones, and for a dismissal those too that wait for a replay.
    Without any of it, `all` must be true."""

    ids: Annotated[tuple[Annotated[int, Field(ge=1, lt=2**63, strict=True)], ...], Field(max_length=MOST_IDS)] | None = None
    consumer: Annotated[str, Field(max_length=120)] | None = None
    topic: Annotated[str, Field(max_length=120)] | None = None
    partition: Number | None = None
    reason: Annotated[str, Field(max_length=120)] | None = None
    subject: Annotated[str, Field(max_length=600, description="The subject's id, or the record's whole key.")] | None = None
    all: Annotated[bool, Field(strict=True)] = False
    because: Annotated[str, Field(min_length=1, max_length=1000, description="Why; it is kept.")]

    @model_validator(mode="after")
    def _selects(self) -> Self:
        if self.selection.is_everything is not self.all:
            raise ValueError("name what is meant, or all alone")
        return self

    @property
    def selection(self) -> LetterSelection:
        return LetterSelection(self.ids, self.consumer, self.topic, self.partition, self.reason, self.subject)


class ReplayBody(SelectionBody):
    rate: Annotated[float, Field(ge=0.01, le=10_000, description="Most a second; absent: as fast as can be.")] | None = None


class Decided(BaseModel):
    """How many dead letters it was about."""

    count: int
    requested: int = Field(description="How many of them waited for a replay, which a dismissal takes back.")


class ResumeBody(RequestModel):
    """Halted partitions that are all of this; all that are halted where it says nothing."""

    consumer: Annotated[str, Field(max_length=120)] | None = None
    partition: Number | None = None
    because: Annotated[str, Field(min_length=1, max_length=1000, description="Why; it is kept.")]


class HaltView(BaseModel):
    """`topic` is empty where the partition number stands still with all its topics."""

    consumer: str
    partition: int
    topic: str
    reason: str
    since: datetime


class Resumed(BaseModel):
    """What goes on within a second, where the service runs."""

    resumed: list[HaltView]


def dead_letter_router(process: "ServiceProcess") -> APIRouter:
    """They work also while a condition stops writes: they mend."""
    router = APIRouter(tags=["operations"], route_class=CheckedRoute)
    store, clock = process.context.store, process.context.clock

    @router.get("/v1/dead-letters", summary="Records set aside, oldest first")
    async def list_dead_letters(
        _operator: Operator,
        session: Reading,
        page: PageQuery,
        status: Status = "open",
        consumer: Name | None = None,
        topic: Name | None = None,
        partition: Annotated[int | None, Query(ge=0, lt=2**31)] = None,
        reason: Name | None = None,
        subject: Annotated[str | None, Query(max_length=600)] = None,
    ) -> Page[DeadLetterView]:
        selection = LetterSelection(None, consumer, topic, partition, reason, subject, (status,))
        query = select(DeadLetterRow).where(*selection.clauses())
        if subject is not None:
            ids = await selected_ids(session, selection)
            query = query.where(col(DeadLetterRow.id).in_(ids[:MOST_OF_A_SUBJECT]))
        return await page_of(session, query, Order((col(DeadLetterRow.id),)), page, _view)

    @router.get("/v1/dead-letters/{dead_letter_id}", summary="One of them, with its record")
    async def show_dead_letter(
        _operator: Operator, session: Reading, response: Response, dead_letter_id: LetterId
    ) -> WholeDeadLetterView:
        row = await session.get(DeadLetterRow, dead_letter_id)
        if row is None:
            raise NotFound("There is no such dead letter.")
        # Whatever it is: nobody has understood it, so it may be personal.
        response.headers["Cache-Control"] = "no-store"
        record = None if row.payload is None else row.payload.decode(errors="backslashreplace")
        return WholeDeadLetterView(**_view(row).model_dump(), detail=row.detail, record=record)

    @router.post("/v1/dead-letters/replay", summary="Let their consumer read them again")
    async def replay_dead_letters(operator: Operator, body: ReplayBody) -> Decided:
        return await decided(body, Decision(REQUESTED, operator.key_id, body.because, body.rate))

    @router.post("/v1/dead-letters/dismiss", summary="Close them; they are kept")
    async def dismiss_dead_letters(operator: Operator, body: SelectionBody) -> Decided:
        return await decided(body, Decision(DISMISSED, operator.key_id, body.because))

    @router.post("/v1/partitions/resume", summary="Let halted partitions go on")
    async def resume_partitions(operator: Operator, body: ResumeBody) -> Resumed:
        async with store.transaction() as session:
            found = await request_resume(session, clock, operator.key_id, body.because, body.consumer, body.partition)
        return Resumed(resumed=[halt_view(halt) for halt in found])

    async def decided(body: SelectionBody, decision: Decision) -> Decided:
        selection = replace(body.selection, statuses=decision.takes)
        async with store.transaction() as session:
            found = await decide(session, clock, await selected_ids(session, selection), decision)
        return Decided(count=found.total(), requested=found[REQUESTED])

    return router


def halt_view(halt: Halt) -> HaltView:
    return HaltView(consumer=halt.consumer, partition=halt.partition, topic=halt.topic, reason=halt.reason, since=halt.since)


def _view(row: DeadLetterRow) -> DeadLetterView:
    shown = {name: getattr(row, name) for name in DeadLetterView.model_fields if name != "key"}
    return DeadLetterView(**shown, key=(row.key or b"").decode(errors="backslashreplace"))

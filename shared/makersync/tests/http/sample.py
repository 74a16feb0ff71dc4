"""A small service on the kit: notices with groups of rules, created once, changed by version, listed by cursor."""

import uuid
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Body, Depends, Query, Response
from pydantic import BaseModel, Field, field_validator
from sqlalchemy.orm import registry
from sqlmodel import Field as Column
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from makersync.http.bodies import RequestModel
from makersync.http.idempotency import Created, Creating
from makersync.http.pagination import Order, Page, PageQuery, page_of
from makersync.http.problems import NotFound
from makersync.http.routing import CheckedRoute
from makersync.http.security import Operator, Principal, requires
from makersync.http.versions import IfMatch, etag_of
from makersync.http.wiring import Reading, Transaction
from makersync.store.tables import utc_column

Reader = Annotated[Principal, Depends(requires("notices:read"))]
Writer = Annotated[Principal, Depends(requires("notices:write"))]


class SampleModel(SQLModel, registry=registry()):
    pass


class NoticeRow(SampleModel, table=True):
    __tablename__ = "notice"

    id: str = Column(primary_key=True)
    employer_id: str
    title: str
    version: int
    created_at: datetime = Column(sa_column=utc_column())


class Choice(RequestModel):
    level: int = Field(ge=1, le=5)


class Group(RequestModel):
    any_of: tuple[Choice, ...] = Field(min_length=1)


class NoticeRequest(RequestModel):
    title: str = Field(min_length=1, max_length=50)
    groups: tuple[Group, ...] = ()


class Card(RequestModel):
    kind: Literal["card"]
    number: str

    @field_validator("number")
    @classmethod
    def _check(cls, number: str) -> str:
        raise ValueError(f"{number} is no card")


class Cash(RequestModel):
    kind: Literal["cash"]


class NoticeView(BaseModel):
    id: str
    title: str
    version: int


router = APIRouter(prefix="/v1", route_class=CheckedRoute)


@router.post("/notices", status_code=201, response_model=NoticeView)
async def publish(principal: Writer, wanted: NoticeRequest, creation: Creating) -> Response:
    async def make() -> Created:
        now = creation.clock.now()
        row = NoticeRow(id=uuid.uuid4().hex, employer_id=principal.tenant, title=wanted.title, version=1, created_at=now)
        creation.session.add(row)
        return Created(view(row), f"/v1/notices/{row.id}", row.version)

    return await creation.once(make)


@router.get("/notices")
async def list_notices(
    principal: Reader, session: Reading, page: PageQuery, title: Annotated[str | None, Query()] = None
) -> Page[NoticeView]:
    statement = select(NoticeRow).where(col(NoticeRow.employer_id) == principal.tenant)
    if title is not None:
        statement = statement.where(col(NoticeRow.title) == title)
    order = Order((col(NoticeRow.created_at), col(NoticeRow.id)), newest_first=True)
    return await page_of(session, statement, order, page, view)


@router.get("/notices/{notice_id}")
async def read(principal: Reader, notice_id: str, response: Response, session: Reading) -> NoticeView:
    row = await owned(session, principal, notice_id)
    response.headers["ETag"] = etag_of(row.version)
    return view(row)


@router.put("/notices/{notice_id}")
async def change(
    principal: Writer, notice_id: str, wanted: NoticeRequest, if_match: IfMatch, response: Response, session: Transaction
) -> NoticeView:
    row = await owned(session, principal, notice_id)
    if_match.demand(row.version)
    row.title, row.version = wanted.title, row.version + 1
    session.add(row)
    response.headers["ETag"] = etag_of(row.version)
    return view(row)


@router.post("/fail")
async def fail(_operator: Operator, wanted: NoticeRequest, session: Transaction) -> None:
    session.add(NoticeRow(id="lost", employer_id="x", title="x", version=1, created_at=datetime.now().astimezone()))
    raise RuntimeError(f"secret detail of {wanted.title}")


@router.post("/payments")
async def pay(_principal: Reader, payment: Annotated[Card | Cash, Body(discriminator="kind")]) -> None:
    return None


async def language(lang: Annotated[str, Query()] = "en") -> str:
    return lang


inner = APIRouter(route_class=CheckedRoute)
outer = APIRouter(route_class=CheckedRoute)


@inner.get("/ping")
async def ping() -> dict[str, bool]:
    return {"pong": True}


outer.include_router(inner, prefix="/inner", dependencies=[Depends(language)])


async def owned(session: AsyncSession, principal: Principal, notice_id: str) -> NoticeRow:
    row = await session.get(NoticeRow, notice_id)
    if row is None or row.employer_id != principal.tenant:
        raise NotFound("no_such_thing", "There is no such notice.")
    return row


def view(row: NoticeRow) -> NoticeView:
    return NoticeView.model_validate(row, from_attributes=True)

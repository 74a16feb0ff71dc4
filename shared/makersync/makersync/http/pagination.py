"""Pages of a list: an opaque cursor holds the position, so that inserted or deleted rows do not shift the pages."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, TypeVar

import orjson
from fastapi import Depends, Query, Request
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Mapped
from sqlalchemy.sql.elements import KeyedColumnElement
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel.ext.asyncio.session import AsyncSession
from sqlmodel.sql.expression import SelectOfScalar

from makersync.http.problems import MalformedRequest
from makersync.http.security import OPERATOR, known_caller

MOST_ITEMS = 200
USUAL_ITEMS = 50
_LONGEST_CURSOR = 2000
_LIST_ID_LENGTH = 16
_NO_CURSOR = "must be the next_cursor of a page of this list, asked for with the same filters"

Row = TypeVar("Row")
View = TypeVar("View")
Shown = TypeVar("Shown")
_Value = str | int | datetime | date
_Ordering = InstrumentedAttribute[Any] | KeyedColumnElement[Any]


class Page(BaseModel, Generic[View]):
    """Some of a list. Pass `next_cursor` as `cursor` to go on; it is null at the end."""

    items: list[View] = Field(description="The next of the list, at most as many as `limit`.")
    next_cursor: str | None = Field(
        None, description="To be sent as `cursor` for the next page. Opaque; null on the last page.", examples=[None]
    )

    def map(self, shown: Callable[[View], Shown]) -> "Page[Shown]":
        """The same page with each item as `shown` turns it into."""
        return Page(items=[shown(item) for item in self.items], next_cursor=self.next_cursor)


@dataclass(frozen=True, slots=True)
class PageRequest:
    """`list_id` identifies the list by its address, its filters and its owner. A cursor is valid for one list only."""

    limit: int = USUAL_ITEMS
    cursor: str | None = None
    list_id: str = ""


def _page_request(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=MOST_ITEMS, description="The most items that the page may have.")] = USUAL_ITEMS,
    cursor: Annotated[
        str | None,
        Query(max_length=_LONGEST_CURSOR, description="The `next_cursor` of the page before; absent: the first page."),
    ] = None,
) -> PageRequest:
    return PageRequest(limit, cursor, _list_id(request))


def _list_id(request: Request) -> str:
    filters = sorted((name, value) for name, value in request.query_params.multi_items() if name not in {"limit", "cursor"})
    caller = known_caller(request)
    whose = None if caller is None else caller.organisation_id or OPERATOR
    return hashlib.sha256(orjson.dumps([request.url.path, filters, whose])).hexdigest()[:_LIST_ID_LENGTH]


PageQuery = Annotated[PageRequest, Depends(_page_request)]


@dataclass(frozen=True, slots=True)
class Order:
    """Columns that are unique together and never null, such as `Order((col(T.created_at), col(T.id)), newest_first=True)`.

    They are columns of a table or of a subquery, and hold text, integers, dates or instants.
    """

    columns: Sequence[Mapped[Any] | ColumnElement[Any]]
    newest_first: bool = False

    def attributes(self) -> list[_Ordering]:
        return [column for column in self.columns if isinstance(column, InstrumentedAttribute | KeyedColumnElement)]


async def page_of(
    session: AsyncSession,
    statement: SelectOfScalar[Row],
    order: Order,
    page: PageRequest,
    view: Callable[[Row], View],
) -> Page[View]:
    """The rows of `statement` that follow the cursor, converted by `view`. Raises MalformedRequest naming `cursor`."""
    columns = order.attributes()
    if page.cursor is not None:
        here = tuple_(*columns)
        position = tuple_(*(literal(v, c.type) for v, c in zip(_decode(page, page.cursor, columns), columns, strict=True)))
        statement = statement.where(here < position if order.newest_first else here > position)
    statement = statement.order_by(*(c.desc() if order.newest_first else c.asc() for c in columns))
    rows = list((await session.exec(statement.limit(page.limit + 1))).all())
    shown = rows[: page.limit]
    more = len(rows) > page.limit
    next_cursor = encode_cursor(page.list_id, [getattr(shown[-1], c.key) for c in columns]) if more else None
    return Page[Any](items=[view(row) for row in shown], next_cursor=next_cursor)


def encode_cursor(list_id: str, values: Sequence[_Value]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([list_id, *values])).rstrip(b"=").decode("ascii")


def _decode(page: PageRequest, cursor: str, columns: Sequence[_Ordering]) -> list[_Value]:
    try:
        values = orjson.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        if not isinstance(values, list) or len(values) != len(columns) + 1 or values[0] != page.list_id:
            raise ValueError("not a position of this list")
        return [_typed(value, _kind(column.type)) for value, column in zip(values[1:], columns, strict=True)]
    except (ValueError, OverflowError, binascii.Error) as error:
        raise MalformedRequest.of("cursor", "cursor", _NO_CURSOR) from error


def _kind(column_type: TypeEngine[Any]) -> type[object]:
    """The Python type of a column's values; for a decorated type, that of the underlying type."""
    beneath = column_type.impl_instance if isinstance(column_type, TypeDecorator) else column_type
    return beneath.python_type


def _typed(value: object, kind: type[object]) -> _Value:
    """Raises ValueError if the value is not of the column's type, or if a database would reject it."""
    if kind is str and isinstance(value, str) and "\0" not in value:
        return value
    if kind is int and isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63:
        return value
    if kind is datetime and isinstance(value, str):
        return _utc(datetime.fromisoformat(value))
    if kind is date and isinstance(value, str):
        return date.fromisoformat(value)
    raise ValueError("not a value of this column")


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant has a time zone")
    return instant.astimezone(UTC)

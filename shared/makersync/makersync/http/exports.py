"""Tables as files: CSV after RFC 4180 in UTF-8 with a byte order mark, as spreadsheets expect it, or XLSX.

The file is written before the answer begins: it is of one moment, and no transaction stays open while a slow client reads.
"""

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Annotated, Any, Literal, Protocol

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse
from sqlmodel.ext.asyncio.session import AsyncSession
from xlsxwriter import Workbook
from xlsxwriter.exceptions import FileCreateError

from makersync.http.problems import ServiceUnavailable, ValidationProblem
from makersync.http.security import Principal, requires
from makersync.http.wiring import Reading

Cell = str | int | bool | date | datetime | None
Row = Sequence[Cell]
ExportFormat = Annotated[Literal["csv", "xlsx"], Query(alias="format", description="The kind of file.", examples=["xlsx"])]
CSV, XLSX = "text/csv; charset=utf-8; header=present", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: For the OpenAPI document.
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file, as an attachment.",
        "content": {
            "text/csv": {
                "schema": {"type": "string"},
                "example": "learner_id,score\r\nlrn_01kb1q5ve0f6x2w8d4s9b7k3qa,8000\r\n",
            },
            XLSX: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
#: Rows that are written at a time, in a thread of their own.
_ROWS_AT_ONCE = 500
_IN_MEMORY = 1024 * 1024
_CHUNK = 64 * 1024
#: Rows of a worksheet, with the headings.
_MOST_ROWS = 1_048_576
#: What spreadsheets take for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@dataclass(frozen=True, slots=True)
class Table:
    """A file of an organisation. `name` is that of the file, `about` says in a sentence which rows it has, and `columns` map
    each heading to what its cells mean, with the unit."""

    name: str
    about: str
    columns: Mapping[str, str]

    @property
    def description(self) -> str:
        listed = "; ".join(f"`{heading}`: {meaning}" for heading, meaning in self.columns.items())
        return f"{self.about} {listed}."


def add_export(router: APIRouter, table: Table, scope: str, rows: Callable[[AsyncSession, str], AsyncIterable[Row]]) -> None:
    """`GET /v1/exports/<name>` for organisations whose key has the scope. `rows` receives the organisation's id."""

    @router.get(
        f"/v1/exports/{table.name}",
        name=f"export_{table.name}",
        summary=f"Download {table.name} as a file",
        description=table.description,
        response_class=StreamingResponse,
        responses=_ANSWERS,
    )
    async def export(
        principal: Annotated[Principal, Depends(requires(scope))], session: Reading, kind: ExportFormat = "csv"
    ) -> StreamingResponse:
        return await exported(table, rows(session, principal.tenant), kind)


class _Writer(Protocol):
    def write(self, rows: Iterable[Row]) -> None: ...

    def close(self) -> None: ...


async def exported(table: Table, rows: AsyncIterable[Row], kind: ExportFormat) -> StreamingResponse:
    """The answer with the file. Raises ValidationProblem naming `format` when a worksheet cannot hold the rows, and
    ServiceUnavailable when there is no room for the file."""
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
    try:
        writer: _Writer = _Csv(file) if kind == "csv" else _Xlsx(file, table.name)
        await asyncio.to_thread(writer.write, [list(table.columns)])
        async for some in _batches(rows):
            await asyncio.to_thread(writer.write, some)
        await asyncio.to_thread(writer.close)
    except BaseException as error:
        file.close()
        if isinstance(error, OSError):
            raise ServiceUnavailable("part_away", "There is no room for the file now; try again.") from error
        raise
    headers = {"Content-Disposition": f'attachment; filename="{table.name}.{kind}"'}
    return StreamingResponse(_contents(file), headers=headers, media_type=CSV if kind == "csv" else XLSX)


class _Csv:
    def __init__(self, file: IO[bytes]) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
        self._writer = csv.writer(self._text, lineterminator="\r\n")

    def write(self, rows: Iterable[Row]) -> None:
        self._writer.writerows([_plain(cell) for cell in row] for row in rows)

    def close(self) -> None:
        self._text.detach()


class _Xlsx:
    def __init__(self, file: IO[bytes], name: str) -> None:
        # Text stays text: nothing in it becomes a formula, a number or a link.
        plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self._book = Workbook(file, {"constant_memory": True, "remove_timezone": True, **plain})
        self._sheet = self._book.add_worksheet(name[:31])
        self._formats = {date: self._book.add_format({"num_format": "yyyy-mm-dd"})}
        self._formats[datetime] = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._next = 0

    def write(self, rows: Iterable[Row]) -> None:
        for row in rows:
            if self._next == _MOST_ROWS:
                raise ValidationProblem.of("format", "too_many_rows", "a worksheet cannot hold so many rows; ask for csv")
            for column, cell in enumerate(row):
                self._write_cell(column, cell)
            self._next += 1

    def close(self) -> None:
        """Raises OSError."""
        try:
            self._book.close()
        except FileCreateError as error:
            raise OSError("the workbook cannot be written") from error

    def _write_cell(self, column: int, cell: Cell) -> None:
        if isinstance(cell, date):
            self._sheet.write_datetime(self._next, column, cell, self._formats[type(cell)])
        elif isinstance(cell, str):
            self._sheet.write_string(self._next, column, cell)
        elif cell is not None:
            self._sheet.write(self._next, column, cell)


def _plain(cell: Cell) -> str | int:
    """A cell of a CSV file. An apostrophe keeps spreadsheets from taking text for a formula."""
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case int():
            return cell
        case str():
            return f"'{cell}" if cell.startswith(_FORMULA) else cell
    return cell.isoformat()


async def _batches(rows: AsyncIterable[Row]) -> AsyncIterator[list[Row]]:
    some: list[Row] = []
    async for row in rows:
        some.append(row)
        if len(some) == _ROWS_AT_ONCE:
            yield some
            some = []
    if some:
        yield some


async def _contents(file: IO[bytes]) -> AsyncIterator[bytes]:
    try:
        file.seek(0)
        while chunk := await asyncio.to_thread(file.read, _CHUNK):
            yield chunk
    finally:
        file.close()

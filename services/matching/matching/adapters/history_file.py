"""A simulated past as a file: one JSON object a line, either `{"cell_day": {...}}` or `{"opening_life": {...}}`."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.wire import Count, Identifier, Region
from makersync.envelope import describe
from makersync.errors import OperatorError
from makersync.store.database import Store
from makersync.store.upserts import upsert
from makersync.topic import partition_of
from matching.adapters.history_repository import CELL_DAY_KEY, CHUNK, life_row
from matching.adapters.history_tables import CellDayRow, OpeningLifeRow
from matching.adapters.region_repository import add_regions
from matching.domain.indicators.history import OpeningLife, Source

_MOST_COMPLAINTS = 20
Subject = Annotated[str, Field(max_length=300, pattern=r"^(credential:.+|competency:.+@[1-5])$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PastDay(_Strict):
    """A cell as a day ended; `demand` in thousandths of positions."""

    region: Region
    day: date
    subject: Subject
    demand: Count
    openings: Count
    employers: Count


class PastOpening(_Strict):
    """An opening that has ended: one that is still open would count among those of the live market."""

    opening_id: Identifier
    region: Region
    employer_id: Identifier
    subjects: tuple[Subject, ...]
    positions: Annotated[int, Field(ge=1)]
    filled: Count
    occupation: str | None = None
    wage: Annotated[int, Field(ge=0)] | None = None
    published_on: date
    filled_on: date | None = None
    closed_on: date | None = None

    @model_validator(mode="after")
    def _has_ended(self) -> "PastOpening":
        if (self.filled_on is None) == (self.closed_on is None):
            raise ValueError("exactly one of filled_on and closed_on is needed")
        if (self.filled_on or self.closed_on or self.published_on) < self.published_on:
            raise ValueError("it cannot have ended before it was published")
        if self.filled > self.positions or (self.filled_on is not None and self.filled < self.positions):
            raise ValueError("filled must be at most positions, and all of them once filled_on is known")
        return self

    @property
    def last_day(self) -> date:
        return self.filled_on or self.closed_on or self.published_on


class PastLine(_Strict):
    cell_day: PastDay | None = None
    opening_life: PastOpening | None = None

    @model_validator(mode="after")
    def _is_one(self) -> "PastLine":
        if (self.cell_day is None) == (self.opening_life is None):
            raise ValueError("exactly one of cell_day and opening_life is needed")
        return self

    @property
    def last_day(self) -> date:
        return self.cell_day.day if self.cell_day else self.opening_life.last_day if self.opening_life else date.max


class PastRefused(OperatorError):
    """The file is not a past, or the service has a real one; nothing was imported."""


def read_past(lines: Iterable[bytes], today: date) -> list[PastLine]:
    """Every line; raises PastRefused with the lines that are wrong, among them those that are not past."""
    read: list[PastLine] = []
    complaints: list[str] = []
    for number, text in enumerate(lines, start=1):
        try:
            read.append(_read(text, today))
        except ValueError as error:
            complaints.append(f"line {number}: {describe(error) if isinstance(error, ValidationError) else error}")
        if len(complaints) == _MOST_COMPLAINTS:
            break
    if complaints:
        raise PastRefused("Not a past; nothing was imported:\n" + "\n".join(complaints))
    return read


def _read(text: bytes, today: date) -> PastLine:
    line = PastLine.model_validate_json(text)
    if line.last_day >= today:
        raise ValueError(f"{line.last_day} is not past on {today}")
    return line


async def import_past(store: Store, partitions: int, lines: Iterable[PastLine]) -> tuple[int, int]:
    """Write everything, marked as simulated, in one transaction; a second time changes nothing. Returns the number of days of
    cells and of openings. Raises PastRefused when the service remembers anything real."""
    days: list[dict[str, Any]] = []
    lives: list[dict[str, Any]] = []
    for line in lines:
        if line.cell_day is not None:
            days.append(_day_row(line.cell_day, partitions))
        if line.opening_life is not None:
            lives.append(_life_row(line.opening_life, partitions))
    async with store.transaction() as session:
        await _demand_no_real_past(session)
        await add_regions(session, {row["region"]: row["partition"] for row in [*days, *lives]})
        await _write(session, CellDayRow, days, CELL_DAY_KEY)
        await _write(session, OpeningLifeRow, lives, ("opening_id",))
    return len(days), len(lives)


async def _demand_no_real_past(session: AsyncSession) -> None:
    for table in (CellDayRow, OpeningLifeRow):
        query = select(func.count()).select_from(table).where(table.source == Source.LIVE.value)
        if (await session.exec(query)).one():
            raise PastRefused("This service remembers real days or openings; a simulated past would mix with them.")


async def _write(session: AsyncSession, table: type, rows: list[dict[str, Any]], keys: tuple[str, ...]) -> None:
    for start in range(0, len(rows), CHUNK):
        await upsert(session, table, rows[start : start + CHUNK], keys)


def _day_row(day: PastDay, partitions: int) -> dict[str, Any]:
    return day.model_dump() | {"partition": partition_of(day.region, partitions), "source": Source.SIMULATED.value}


def _life_row(past: PastOpening, partitions: int) -> dict[str, Any]:
    said = past.model_dump(exclude={"region"}) | {"subjects": frozenset(past.subjects)}
    return life_row(OpeningLife(**said, source=Source.SIMULATED), past.region, partition_of(past.region, partitions))

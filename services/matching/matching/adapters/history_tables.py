"""The tables of the daily history."""

from datetime import date

from sqlalchemy import JSON, BigInteger, Index
from sqlmodel import Column, Field

from matching.adapters.model import MatchingModel


class CellDayRow(MatchingModel, table=True):
    """A cell as a day ended. A simulated past has no supply, and so nothing blocked: those are empty."""

    __tablename__ = "cell_day"
    __table_args__ = (Index("cell_day_partition", "partition", "day"),)

    region: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    partition: int
    level: str | None = None
    demand: int = Field(sa_column=Column(BigInteger, nullable=False))
    openings: int
    employers: int
    supply: int | None = None
    pipeline: int | None = None
    blocked: int | None = None
    source: str


class OpeningLifeRow(MatchingModel, table=True):
    """An opening from its publication to its end; `subjects` are those of its required groups, `wage` in US cents an hour."""

    __tablename__ = "opening_life"
    __table_args__ = (Index("opening_life_region", "region"), Index("opening_life_partition", "partition"))

    opening_id: str = Field(primary_key=True)
    region: str
    partition: int
    employer_id: str
    subjects: list[str] = Field(sa_column=Column(JSON, nullable=False))
    positions: int
    filled: int
    occupation: str | None = None
    wage: int | None = None
    published_on: date | None = None
    filled_on: date | None = None
    closed_on: date | None = None
    closes_on: date | None = None
    source: str

"""The table of openings."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index
from sqlmodel import Column, Field

from makersync.store.tables import utc_column
from openings.adapters.model import OpeningsModel


class OpeningRow(OpeningsModel, table=True):
    """An opening at its newest version. `groups` holds the requirement groups as JSON, in the form that events carry."""

    __tablename__ = "opening"
    __table_args__ = (
        Index("opening_of_employer", "employer_id", "opening_id"),
        Index("opening_closing", "status", "closes_on"),
    )

    opening_id: str = Field(primary_key=True)
    employer_id: str = Field(foreign_key="employer.employer_id")
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    groups_version: int = Field(sa_column=Column(BigInteger, nullable=False))
    region: str = Field(index=True)
    title: str
    occupation: str | None = None
    zip: str | None = None
    remote: bool
    positions: int
    filled: int
    start_by: date | None = None
    closes_on: date | None = None
    shifts: list[str] = Field(sa_column=Column(JSON, nullable=False))
    wage_min: int | None = None
    wage_max: int | None = None
    groups: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    status: str
    expiry_announced_for: date | None = None
    published_at: datetime = Field(sa_column=utc_column())
    changed_at: datetime = Field(sa_column=utc_column())


class EndingNoticeRow(OpeningsModel, table=True):
    """The employer was told that the opening closes on this date in at most so many days."""

    __tablename__ = "ending_notice"

    opening_id: str = Field(primary_key=True, foreign_key="opening.opening_id")
    closes_on: date = Field(primary_key=True)
    days: int = Field(primary_key=True)

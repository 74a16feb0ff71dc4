"""The table of this service's copy of the openings' public parts."""

from datetime import date
from typing import Any

from sqlalchemy import JSON, BigInteger
from sqlmodel import Column, Field

from learners.adapters.model import LearnersModel


class OpeningCopyRow(LearnersModel, table=True):
    """An opening at the newest version that was read. Openings do not end, and so their rows stay."""

    __tablename__ = "opening_copy"

    opening_id: str = Field(primary_key=True)
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    region: str
    employer_id: str
    employer_name: str | None = None
    title: str
    occupation: str | None = None
    zip: str | None = None
    remote: bool
    positions: int
    filled: int
    start_by: date | None = None
    closes_on: date | None = None
    shifts: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    wage_min: int | None = None
    wage_max: int | None = None
    status: str

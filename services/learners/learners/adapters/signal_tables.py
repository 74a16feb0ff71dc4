"""The tables of shortage signals, as the matching service publishes them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index
from sqlmodel import Column, Field

from learners.adapters.model import LearnersModel
from makersync.store.tables import utc_column


class SignalRow(LearnersModel, table=True):
    """The newest signal of a cell; kept when it is silenced, so that a late copy of an older one changes nothing."""

    __tablename__ = "signal"
    __table_args__ = (
        Index("signal_level", "level", "region"),
        Index("signal_blocked", "region", "level", "blocked", "subject"),
    )

    region: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    subject_kind: str
    kind: str
    level: str
    level_ahead: str | None = None
    demand: int = Field(sa_column=Column(BigInteger, nullable=False))
    openings: int
    employers: int
    supply: int
    supply_home: int
    pipeline: int
    blocked: int
    tightness: int = Field(sa_column=Column(BigInteger, nullable=False))
    employer_share: int | None = None
    tightness_ahead: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    top_credentials: list[str] = Field(sa_column=Column(JSON, nullable=False))
    indicators: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    policy_version: int
    day: date
    at: datetime = Field(sa_column=utc_column())


class SignalCountsRow(LearnersModel, table=True):
    """How many signals of a kind have arrived on a partition. Partitions have rows of their own, so that they never wait."""

    __tablename__ = "signal_counts"

    partition: int = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    total: int = Field(sa_column=Column(BigInteger, nullable=False))


class SignalDayRow(LearnersModel, table=True):
    """What the last signal of a day said of a cell, for charts of its past."""

    __tablename__ = "signal_day"
    __table_args__ = (Index("signal_day_day", "day"),)

    region: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    level: str
    demand: int = Field(sa_column=Column(BigInteger, nullable=False))
    supply: int
    pipeline: int
    blocked: int
    tightness: int = Field(sa_column=Column(BigInteger, nullable=False))

"""The matching service's tables. Rows carry their partition number, so that an owner loads its own."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, text
from sqlalchemy.orm import registry
from sqlmodel import Column, Field, SQLModel

from makersync.store.tables import utc_column


def _version() -> Any:
    return Field(sa_column=Column(BigInteger, nullable=False))


class MatchingModel(SQLModel, registry=registry()):
    """Base of this service's tables."""


class RegionRow(MatchingModel, table=True):
    """A region that anything was ever told of. Pairs and pathways without a row go on above the floors, so that rows of what
    has ended need not be kept. `drawn_on` and `drawn_at`: when somebody last took it upon them to draw its indicators."""

    __tablename__ = "market_region"
    __table_args__ = (Index("market_region_partition", "partition"), Index("market_region_drawn", "drawn_at"))

    region: str = Field(primary_key=True)
    partition: int
    match_floor: int = _version()
    pathway_floor: int = _version()
    drawn_on: date | None = None
    drawn_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))


class SubjectRow(MatchingModel, table=True):
    """The newest state of an opening, learner or cohort in one region; `ending` and no document once it has ended there."""

    __tablename__ = "market_subject"
    __table_args__ = (Index("market_subject_partition", "partition"), Index("market_subject_id", "kind", "subject_id"))

    kind: str = Field(primary_key=True)
    region: str = Field(primary_key=True)
    subject_id: str = Field(primary_key=True)
    partition: int
    version: int = _version()
    ending: str | None = None
    document: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))


class MatchRow(MatchingModel, table=True):
    """The last event of a pair, for some time after it has ended on `ended_on`. `document` is the match as published, without
    what the columns say."""

    __tablename__ = "match"
    __table_args__ = (
        Index("match_partition", "partition"),
        Index("match_learner", "learner_id"),
        Index("match_ended", "ended_on", sqlite_where=text("NOT live"), postgresql_where=text("NOT live")),
    )

    opening_id: str = Field(primary_key=True)
    learner_id: str = Field(primary_key=True)
    region: str = Field(index=True)
    partition: int
    version: int = _version()
    live: bool
    ended_on: date | None = None
    employer_id: str
    provider_id: str
    document: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class CellRow(MatchingModel, table=True):
    """What a cell remembers: its level, yesterday's, and its last signal."""

    __tablename__ = "cell"
    __table_args__ = (Index("cell_partition", "partition"),)

    region: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    partition: int
    level: str
    previous_level: str | None = None
    version: int = _version()
    signal: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))


class PathwayRow(MatchingModel, table=True):
    """What a learner was last told in a region: a digest of the list, none once it has ended. The outbox has the list."""

    __tablename__ = "pathway"
    __table_args__ = (
        Index("pathway_partition", "partition"),
        Index("pathway_ended", "region", sqlite_where=text("digest IS NULL"), postgresql_where=text("digest IS NULL")),
    )

    region: str = Field(primary_key=True)
    learner_id: str = Field(primary_key=True)
    partition: int
    version: int = _version()
    digest: str | None = None


class CatalogRow(MatchingModel, table=True):
    """A competency or credential definition, newest version."""

    __tablename__ = "catalog_entry"

    subject: str = Field(primary_key=True)
    version: int = _version()
    document: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class PolicyRow(MatchingModel, table=True):
    """A version of the policy; the highest one is live."""

    __tablename__ = "policy"

    version: int = Field(primary_key=True)
    document: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    applied_at: datetime = Field(sa_column=utc_column())

"""The table of matches."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, text
from sqlmodel import Column, Field

from makersync.store.tables import utc_column
from matching.adapters.model import MatchingModel, version_column


class MatchRow(MatchingModel, table=True):
    """The last event of a pair, for some time after it has ended on `ended_on`. `document` is the match as published, without
    what the columns say; `learner_version` and `catalog_offset` are what else it rests on, where that was kept."""

    __tablename__ = "match"
    __table_args__ = (
        Index("match_partition", "partition"),
        Index("match_learner", "learner_id"),
        Index("match_ended", "ended_on", sqlite_where=text("NOT live"), postgresql_where=text("NOT live")),
        Index("match_live", "region", sqlite_where=text("live = 1"), postgresql_where=text("live")),
    )

    opening_id: str = Field(primary_key=True)
    learner_id: str = Field(primary_key=True)
    region: str = Field(index=True)
    partition: int
    version: int = version_column()
    live: bool
    ended_on: date | None = None
    employer_id: str
    provider_id: str
    document: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    learner_version: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    catalog_offset: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    applied_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))

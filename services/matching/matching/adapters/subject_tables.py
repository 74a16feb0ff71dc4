"""The table of openings, learners and cohorts."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, text
from sqlmodel import Column, Field

from makersync.store.tables import utc_column
from matching.adapters.model import MatchingModel, version_column

_LIVE = text("ending IS NULL")


class SubjectRow(MatchingModel, table=True):
    """The newest state of an opening, learner or cohort in one region; `ending` and no document once it has ended there. The
    event that brought it, when that happened and when it was applied are empty where that was not kept."""

    __tablename__ = "market_subject"
    __table_args__ = (
        Index("market_subject_partition", "partition"),
        Index("market_subject_id", "kind", "subject_id"),
        Index("market_subject_live", "region", "kind", sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    kind: str = Field(primary_key=True)
    region: str = Field(primary_key=True)
    subject_id: str = Field(primary_key=True)
    partition: int
    version: int = version_column()
    ending: str | None = None
    document: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    event_id: str | None = None
    happened_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    applied_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))

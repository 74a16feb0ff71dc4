"""The table of reach."""

from datetime import date

from sqlalchemy import Index, text
from sqlmodel import Field

from matching.adapters.model import MatchingModel, version_column
from matching.domain.reach.published import MOST_NEW_TERMS

#: Rows with as many changes are found by an index of their own.
_OFTEN = text(f"changes >= {MOST_NEW_TERMS}")


class PublishedCountsRow(MatchingModel, table=True):
    """What was last published of an opening's or a draft's reach: a digest of it, none once it has ended. `subject_version` is
    the version that was counted for, or that ended it. Of an opening, `terms` is a digest of what was counted for, `day` that
    of the event, and `changes` how many times the terms changed on that day."""

    __tablename__ = "reach"
    __table_args__ = (
        Index("reach_partition", "partition"),
        Index("reach_ended", "region", sqlite_where=text("digest IS NULL"), postgresql_where=text("digest IS NULL")),
        Index("reach_often_changed", "day", sqlite_where=_OFTEN, postgresql_where=_OFTEN),
    )

    region: str = Field(primary_key=True)
    subject_id: str = Field(primary_key=True)
    partition: int
    version: int = version_column()
    subject_version: int = version_column()
    employer_id: str
    is_draft: bool
    digest: str | None = None
    terms: str | None = None
    day: date | None = None
    changes: int = 0

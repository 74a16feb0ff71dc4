"""The table of reach."""

from sqlalchemy import Index
from sqlmodel import Field

from matching.adapters.model import MatchingModel, version_column


class PublishedReachRow(MatchingModel, table=True):
    """What was last published of an opening's or a draft's reach: a digest of it, none once it has ended. `subject_version` is
    the version that was counted for, or that ended it."""

    __tablename__ = "reach"
    __table_args__ = (Index("reach_partition", "partition"),)

    region: str = Field(primary_key=True)
    subject_id: str = Field(primary_key=True)
    partition: int
    version: int = version_column()
    subject_version: int = version_column()
    employer_id: str
    is_draft: bool
    digest: str | None = None

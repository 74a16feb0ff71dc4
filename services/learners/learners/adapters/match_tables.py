"""The table of matches, as the matching service publishes them for this service's learners."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Column, Field

from learners.adapters.model import LearnersModel
from makersync.store.tables import utc_column


class LearnerMatchRow(LearnersModel, table=True):
    """The newest state of a match; kept for its version for some time after it ended. Once the learner is erased, all but the
    version is blank. `ended_at` is when this service first noticed the end."""

    __tablename__ = "candidate_match"
    __table_args__ = (
        Index("candidate_match_ended", "ended_at", sqlite_where=text("NOT live"), postgresql_where=text("NOT live")),
    )

    learner_id: str = Field(primary_key=True)
    opening_id: str = Field(primary_key=True)
    region: str
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    live: bool
    score: int | None = None
    reason: str | None = None
    ended_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))

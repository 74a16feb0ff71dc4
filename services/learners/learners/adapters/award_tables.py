"""The table of awards."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field

from learners.adapters.model import LearnersModel
from makersync.store.tables import utc_column


class AwardRow(LearnersModel, table=True):
    """`cohort_id`: the cohort in which the award has a seat."""

    __tablename__ = "award"
    __table_args__ = (Index("award_credential", "credential", "learner_id"),)

    award_id: str = Field(primary_key=True)
    learner_id: str = Field(foreign_key="learner.learner_id", ondelete="CASCADE", index=True)
    credential: str
    status: str
    issued_on: date | None = None
    expires_on: date | None = None
    expected_on: date | None = None
    evidence: str
    vouched_at: datetime = Field(sa_column=utc_column())
    cohort_id: str | None = Field(default=None, index=True)

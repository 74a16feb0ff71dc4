"""The table of awards."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field

from learners.adapters.model import LearnersModel
from makersync.store.tables import utc_column


class AwardRow(LearnersModel, table=True):
    """`cohort_id`: the cohort in which the award has a seat."""

    __tablename__ = "award"
    __table_args__ = (
        Index("award_credential", "credential", "learner_id"),
        Index("award_ending", "status", "expires_on"),
    )

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


class EndingAwardNoticeRow(LearnersModel, table=True):
    """The provider was told that the award ends on this date in at most so many days. It goes with the award."""

    __tablename__ = "ending_award_notice"

    award_id: str = Field(primary_key=True, foreign_key="award.award_id", ondelete="CASCADE")
    expires_on: date = Field(primary_key=True)
    days: int = Field(primary_key=True)

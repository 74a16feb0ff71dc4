"""The tables of introductions: the employer's side as it was published, the learner's side, links and readings."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, text
from sqlmodel import Column, Field

from learners.adapters.model import LearnersModel
from makersync.store.tables import BigSerial, utc_column

#: What the periodic work looks for stays few, however many hires there have been.
_UNDECIDED = text("status = 'hired' AND hire IS NULL")
_UNDONE = text("status <> 'hired' AND hire IS NOT NULL")


class IntroductionRow(LearnersModel, table=True):
    """The employer's side. `status` is where the introduction stands by both sides, and `hire` repeats the answer's. `ended_at`
    is when this service first noticed that it has ended. Later, and once the learner is erased, what the employer
    wrote is `forgotten`."""

    __tablename__ = "introduction"
    __table_args__ = (
        Index("introduction_provider", "provider_id", "introduction_id"),
        Index("introduction_learner", "learner_id"),
        Index("introduction_standing", "status", "answer_by"),
        Index("introduction_hired", "hire_noticed_at", sqlite_where=_UNDECIDED, postgresql_where=_UNDECIDED),
        Index("introduction_undone", "introduction_id", sqlite_where=_UNDONE, postgresql_where=_UNDONE),
    )

    introduction_id: str = Field(primary_key=True)
    opening_id: str
    learner_id: str
    employer_id: str
    provider_id: str
    region: str
    status: str
    hire: str | None = None
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    request_status: str
    request_reason: str | None = None
    asked_at: datetime = Field(sa_column=utc_column())
    answer_by: date
    job: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    outcomes: list[Any] = Field(sa_column=Column(JSON, nullable=False))
    message: str | None = None
    contact: str | None = None
    access_digest: str | None = None
    access_expires_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    hired_on: date | None = None
    hire_noticed_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    ended_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    forgotten: bool = False


class IntroductionAnswerRow(LearnersModel, table=True):
    """The learner's side, which this service publishes. It may be there without the employer's side after a restoration."""

    __tablename__ = "introduction_answer"

    introduction_id: str = Field(primary_key=True)
    opening_id: str
    learner_id: str
    employer_id: str
    provider_id: str
    provider_name: str
    region: str
    status: str
    reason: str | None = None
    answered_by: str
    answered_at: datetime = Field(sa_column=utc_column())
    hire: str | None = None
    resumes_since: date | None = None
    version: int = Field(sa_column=Column(BigInteger, nullable=False))


class LearnerLinkRow(LearnersModel, table=True):
    """The newest link of an introduction."""

    __tablename__ = "learner_link"
    __table_args__ = (Index("learner_link_digest", "digest", unique=True),)

    introduction_id: str = Field(primary_key=True)
    digest: str
    created_at: datetime = Field(sa_column=utc_column())
    expires_at: datetime = Field(sa_column=utc_column())
    used_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))


class ContactReadingRow(LearnersModel, table=True):
    """The employer of the introduction has read the learner's name and contact: `times`, from `at` until `last_at`."""

    __tablename__ = "contact_reading"
    __table_args__ = (Index("contact_reading_introduction", "introduction_id", "id"),)

    id: int | None = Field(default=None, sa_column=Column(BigSerial, primary_key=True, autoincrement=True))
    introduction_id: str
    employer_id: str
    at: datetime = Field(sa_column=utc_column())
    last_at: datetime = Field(sa_column=utc_column())
    times: int = 1

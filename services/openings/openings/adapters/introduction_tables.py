"""The tables of introductions: what this service's employers ask, and the newest answers of the learners service."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index
from sqlmodel import Column, Field

from makersync.store.tables import utc_column
from openings.adapters.model import OpeningsModel


class IntroductionRequestRow(OpeningsModel, table=True):
    """An introduction at the newest version of the employer's side.

    `job` and `outcomes` have the form that events carry. `standing` and `ended_at` follow from this row and its answer.
    """

    __tablename__ = "introduction"
    __table_args__ = (
        Index("introduction_of_pair", "opening_id", "learner_id"),
        Index("introduction_of_employer", "employer_id", "introduction_id"),
        Index("introduction_ended", "ended_at"),
    )

    introduction_id: str = Field(primary_key=True)
    opening_id: str = Field(foreign_key="opening.opening_id")
    learner_id: str
    employer_id: str
    provider_id: str
    region: str
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    status: str
    reason: str | None = None
    standing: str
    asked_at: datetime = Field(sa_column=utc_column())
    answer_by: date
    job: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    outcomes: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    message: str | None = None
    contact: str | None = None
    access_digest: str | None = None
    access_expires_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    hired_on: date | None = None
    changed_at: datetime = Field(sa_column=utc_column())
    refused: bool = False
    ended_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))


class ReceivedAnswerRow(OpeningsModel, table=True):
    """The newest event of the learner's side of an introduction, also of one that this service has lost."""

    __tablename__ = "introduction_answer"

    introduction_id: str = Field(primary_key=True)
    opening_id: str
    learner_id: str
    employer_id: str
    provider_id: str
    provider_name: str
    region: str
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    status: str
    reason: str | None = None
    answered_by: str
    answered_at: datetime = Field(sa_column=utc_column())
    hire: str | None = None

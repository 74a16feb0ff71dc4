"""The table of cohorts."""

from datetime import date

from sqlalchemy import BigInteger, Index
from sqlmodel import Column, Field

from learners.adapters.model import LearnersModel


class CohortRow(LearnersModel, table=True):
    __tablename__ = "cohort"
    __table_args__ = (Index("cohort_provider", "provider_id", "cohort_id"),)

    cohort_id: str = Field(primary_key=True)
    provider_id: str
    credential: str
    region: str
    seats: int
    enrolled: int
    starts_on: date
    ends_on: date
    cancelled: bool = False
    version: int = Field(sa_column=Column(BigInteger, nullable=False))

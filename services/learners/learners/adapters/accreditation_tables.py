"""The tables of accreditations, and of the evidence to derive again after one changed."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Column, Field

from learners.adapters.model import LearnersModel
from makersync.store.tables import BigSerial, utc_column


class AccreditationRow(LearnersModel, table=True):
    """`issuer_key` is the issuer without regard to case, by which it is looked up."""

    __tablename__ = "accreditation"
    __table_args__ = (Index("accreditation_provider_issuer", "provider_id", "issuer_key"),)

    accreditation_id: str = Field(primary_key=True)
    provider_id: str = Field(foreign_key="provider.provider_id")
    issuer: str
    issuer_key: str = Field(index=True)
    since: date | None = None
    until: date | None = None
    ended_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    retroactive: bool = False
    version: int = 1
    reason: str | None = None


class RederivationRow(LearnersModel, table=True):
    """Evidence to derive again because an accreditation changed. Learners up to `after_learner` are done."""

    __tablename__ = "rederivation"

    id: int | None = Field(default=None, sa_column=Column(BigSerial, primary_key=True, autoincrement=True))
    provider_id: str
    issuer: str
    after_learner: str = ""
    changed: int = 0
    requested_at: datetime = Field(sa_column=utc_column())
    done_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))

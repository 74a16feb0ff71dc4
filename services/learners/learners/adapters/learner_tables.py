"""The tables of learners."""

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, Index, String
from sqlalchemy.dialects.postgresql import VARCHAR
from sqlmodel import Column, Field

from learners.adapters.model import LearnersModel
from makersync.store.tables import utc_column


class LearnerRow(LearnersModel, table=True):
    """A learner without personal data. `region` is that of the home; `regions` are those that the last event went to."""

    __tablename__ = "learner"
    __table_args__ = (
        Index("learner_provider", "provider_id", "learner_id"),
        Index("learner_provider_region", "provider_id", "region"),
    )

    learner_id: str = Field(primary_key=True)
    provider_id: str
    zip: str
    region: str
    reach_km: int
    remote_ok: bool
    seeking: bool
    seeking_since: date | None = None
    consents_to_matching: bool
    available_from: date | None = None
    shifts: list[str] = Field(sa_column=Column(JSON, nullable=False))
    wage_floor: int | None = None
    regions: list[str] = Field(sa_column=Column(JSON, nullable=False))
    version: int = Field(sa_column=Column(BigInteger, nullable=False))


class PersonRow(LearnersModel, table=True):
    """Personal data, apart from everything else: shown to the learner's own provider alone, and deleted with the learner."""

    __tablename__ = "person"

    learner_id: str = Field(primary_key=True, foreign_key="learner.learner_id", ondelete="CASCADE")
    name: str
    email: str | None = None
    phone: str | None = None
    student_number: str | None = None


class PersonTermRow(LearnersModel, table=True):
    """What a person is found by. Terms are compared as bytes on both databases, so that all with one beginning are together."""

    __tablename__ = "person_term"
    __table_args__ = (Index("person_term_learner", "learner_id"),)

    provider_id: str = Field(primary_key=True)
    term: str = Field(sa_column=Column(String().with_variant(VARCHAR(collation="C"), "postgresql"), primary_key=True))
    learner_id: str = Field(primary_key=True, foreign_key="learner.learner_id", ondelete="CASCADE")


class ErasedLearnerRow(LearnersModel, table=True):
    """What is kept of an erased learner: the id, so that no late event revives it, and the regions it was published to.
    `merged_into` is the learner who took in this one."""

    __tablename__ = "erased_learner"

    learner_id: str = Field(primary_key=True)
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    regions: list[str] = Field(sa_column=Column(JSON, nullable=False))
    erased_at: datetime = Field(sa_column=utc_column())
    merged_into: str | None = None

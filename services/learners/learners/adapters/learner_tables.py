"""The tables of providers, learners, awards, the register and cohorts."""

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, Index
from sqlmodel import Column, Field

from learners.adapters.model import LearnersModel
from makersync.store.tables import BigSerial, utc_column


class ProviderRow(LearnersModel, table=True):
    __tablename__ = "provider"

    provider_id: str = Field(primary_key=True)
    name: str
    created_at: datetime = Field(sa_column=utc_column())
    version: int = 1


class LearnerRow(LearnersModel, table=True):
    """A learner as topics tell of it. `region` is the home's; `regions` are those it was published to last."""

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
    """Personal data, apart from all else: read by the learner's own provider's requests alone, deleted with the learner."""

    __tablename__ = "person"

    learner_id: str = Field(primary_key=True, foreign_key="learner.learner_id", ondelete="CASCADE")
    name: str
    email: str | None = None
    phone: str | None = None


class ErasedLearnerRow(LearnersModel, table=True):
    """What is kept of an erased learner: the id, so that nothing late revives it, and where its end was announced."""

    __tablename__ = "erased_learner"

    learner_id: str = Field(primary_key=True)
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    regions: list[str] = Field(sa_column=Column(JSON, nullable=False))
    erased_at: datetime = Field(sa_column=utc_column())


class AwardRow(LearnersModel, table=True):
    """`cohort_id`: the cohort whose seat it holds."""

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


class AccreditationRow(LearnersModel, table=True):
    """`issuer_key` is the issuer without regard to case, by which it is looked up."""

    __tablename__ = "accreditation"
    __table_args__ = (Index("accreditation_provider_issuer", "provider_id", "issuer_key"),)

    accreditation_id: str = Field(primary_key=True)
    provider_id: str = Field(foreign_key="provider.provider_id")
    issuer: str
    issuer_key: str
    since: date | None = None
    until: date | None = None
    ended_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    retroactive: bool = False
    version: int = 1


class RederivationRow(LearnersModel, table=True):
    """Evidence to derive again because the register changed. `after_learner` is how far it has come."""

    __tablename__ = "rederivation"

    id: int | None = Field(default=None, sa_column=Column(BigSerial, primary_key=True, autoincrement=True))
    provider_id: str
    issuer: str
    after_learner: str = ""
    changed: int = 0
    requested_at: datetime = Field(sa_column=utc_column())
    done_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))


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

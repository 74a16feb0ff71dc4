"""The tables of the openings service, on a registry of its own."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index
from sqlalchemy.orm import registry
from sqlmodel import Column, Field, SQLModel

from makersync.store.tables import utc_column


class OpeningsModel(SQLModel, registry=registry()):
    """Base of this service's tables; `OpeningsModel.metadata` is what migrations compare with."""


class EmployerRow(OpeningsModel, table=True):
    """An admitted employer."""

    __tablename__ = "employer"

    employer_id: str = Field(primary_key=True)
    name: str
    created_at: datetime = Field(sa_column=utc_column())


class OpeningRow(OpeningsModel, table=True):
    """An opening at its newest version. `groups` are those of the event, as JSON."""

    __tablename__ = "opening"
    __table_args__ = (
        Index("opening_of_employer", "employer_id", "opening_id"),
        Index("opening_closing", "status", "closes_on"),
    )

    opening_id: str = Field(primary_key=True)
    employer_id: str = Field(foreign_key="employer.employer_id")
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    groups_version: int = Field(sa_column=Column(BigInteger, nullable=False))
    region: str = Field(index=True)
    title: str
    occupation: str | None = None
    zip: str | None = None
    remote: bool
    positions: int
    filled: int
    start_by: date | None = None
    closes_on: date | None = None
    shifts: list[str] = Field(sa_column=Column(JSON, nullable=False))
    wage_min: int | None = None
    wage_max: int | None = None
    groups: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    status: str
    expiry_told: date | None = None
    published_at: datetime = Field(sa_column=utc_column())
    changed_at: datetime = Field(sa_column=utc_column())


class CompetencyCopyRow(OpeningsModel, table=True):
    """This service's copy of a competency. `search_text` is its id and name in lower case."""

    __tablename__ = "catalog_competency"

    id: str = Field(primary_key=True)
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    name: str
    search_text: str


class CredentialCopyRow(OpeningsModel, table=True):
    """This service's copy of an approved credential definition. `search_text`: id, name, issuer and aliases in lower case."""

    __tablename__ = "catalog_credential"

    id: str = Field(primary_key=True)
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    name: str
    issuer: str
    aliases: list[str] = Field(sa_column=Column(JSON, nullable=False))
    search_text: str


class ShortlistRow(OpeningsModel, table=True):
    """The last event of a pair. The version outlives the match for some time: a late twin finds it and changes nothing.

    What was told of the learner is empty from the start in a row that the end came first to, and once it is forgotten.
    `latency_ms` runs from the origin of the causal chain to this row, for the last time the match was proposed.
    """

    __tablename__ = "shortlist_entry"
    __table_args__ = (
        Index("shortlist_live", "opening_id", "live"),
        Index("shortlist_ended", "live", "changed_at"),
        Index("shortlist_proposed", "proposed_at"),
    )

    opening_id: str = Field(primary_key=True)
    learner_id: str = Field(primary_key=True)
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    live: bool
    provider_id: str | None = None
    score: int | None = None
    components: dict[str, int] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    outcomes: list[dict[str, Any]] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    seeking_since: date | None = None
    unknown: list[str] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    learner_version: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    opening_version: int = Field(sa_column=Column(BigInteger, nullable=False))
    policy_version: int
    day: date
    reason: str | None = None
    changed_at: datetime = Field(sa_column=utc_column())
    origin_at: datetime = Field(sa_column=utc_column())
    proposed_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    latency_ms: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))


class MatchTallyRow(OpeningsModel, table=True):
    """How many events of each kind changed the shortlists, per partition of the topic: its one owner adds to it."""

    __tablename__ = "match_tally"

    partition: int = Field(primary_key=True)
    proposed: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    revised: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    withdrawn: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))

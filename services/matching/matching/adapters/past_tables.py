"""The tables of what was: replaced states of subjects, definitions and matches, and the rules that markets went by.

Each row holds what was so until `superseded_at`; what is so now stands in the tables of the present alone.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index
from sqlmodel import Column, Field

from makersync.store.tables import UtcDateTime, utc_column
from matching.adapters.model import MatchingModel, version_column


class SubjectPastRow(MatchingModel, table=True):
    """A state of an opening or a learner in one region that another has replaced; no document of one that had ended there.
    `applied_at` is empty for a state from before moments were kept."""

    __tablename__ = "subject_past"
    __table_args__ = (Index("subject_past_superseded", "superseded_at"),)

    kind: str = Field(primary_key=True)
    subject_id: str = Field(primary_key=True)
    region: str = Field(primary_key=True)
    version: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    ending: str | None = None
    document: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    event_id: str | None = None
    happened_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    applied_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    superseded_at: datetime = Field(sa_column=utc_column())


class MatchPastRow(MatchingModel, table=True):
    """An event of a pair that is not its last one any more, or that is not kept as its last one. `learner_version` and
    `catalog_offset` say what it rested on beside what the document says."""

    __tablename__ = "match_past"
    __table_args__ = (
        Index("match_past_learner", "learner_id"),
        Index("match_past_superseded", "superseded_at"),
    )

    opening_id: str = Field(primary_key=True)
    learner_id: str = Field(primary_key=True)
    version: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    region: str
    live: bool
    document: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    learner_version: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    catalog_offset: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    applied_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    superseded_at: datetime = Field(sa_column=utc_column())


class CatalogPastRow(MatchingModel, table=True):
    """A definition as it was from the `written`-th definition on (None: since before that was counted) until the
    `replaced`-th."""

    __tablename__ = "catalog_past"
    __table_args__ = (Index("catalog_past_replaced", "replaced"), Index("catalog_past_superseded", "superseded_at"))

    subject: str = Field(primary_key=True)
    version: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    written: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    replaced: int = version_column()
    document: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    superseded_at: datetime = Field(sa_column=utc_column())


class RulesPastRow(MatchingModel, table=True):
    """The catalog, policy and date that a partition's markets went by from `at` on, until the next row."""

    __tablename__ = "rules_past"

    partition: int = Field(primary_key=True)
    at: datetime = Field(sa_column=Column(UtcDateTime(), primary_key=True))
    catalog_offset: int = version_column()
    policy_version: int
    day: date

"""The tables of shortlists: the newest event of each match, and the number of events."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index
from sqlmodel import Column, Field

from makersync.store.tables import utc_column
from openings.adapters.model import OpeningsModel

#: The columns of a shortlist row that hold facts about the learner. They are blanked when the learner is to be forgotten.
LEARNER_COLUMNS = (
    "provider_id",
    "score",
    "components",
    "outcomes",
    "awards",
    "gate",
    "unmet",
    "seeking_since",
    "unknown",
    "learner_version",
    "proposed_at",
    "latency_ms",
)


class ShortlistRow(OpeningsModel, table=True):
    """The newest event of a pair of opening and learner.

    The row outlives the match for some time, so that a late duplicate of an event still meets the version that it must exceed.
    `LEARNER_COLUMNS` are null when the first event to arrive was the match's end, and again once they are forgotten.
    `latency_ms` is measured from the event that began the causal chain, at the last proposal of the match.
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
    awards: list[dict[str, Any]] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    gate: str | None = None
    unmet: list[str] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
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


class MatchCountsRow(OpeningsModel, table=True):
    """How many events of each kind have changed the shortlists, by partition. Only a partition's owner writes its row."""

    __tablename__ = "match_counts"

    partition: int = Field(primary_key=True)
    proposed: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    revised: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))
    withdrawn: int = Field(default=0, sa_column=Column(BigInteger, nullable=False))

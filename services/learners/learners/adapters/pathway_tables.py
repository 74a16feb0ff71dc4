"""The tables of pathways: what each learner is one credential away from, as the matching service publishes it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, text
from sqlmodel import Column, Field

from learners.adapters.model import LearnersModel
from makersync.store.tables import utc_column


class LearnerPathwayRow(LearnersModel, table=True):
    """The newest list of a learner in a region. After it ended, `as_of` is null, and it is kept for its version for some time.
    `ended_at` is when this service first noticed the end."""

    __tablename__ = "pathway"
    __table_args__ = (
        Index("pathway_ended", "ended_at", sqlite_where=text("as_of IS NULL"), postgresql_where=text("as_of IS NULL")),
    )

    learner_id: str = Field(primary_key=True)
    region: str = Field(primary_key=True)
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    as_of: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    ended_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))


class PathwayCredentialRow(LearnersModel, table=True):
    """One credential of such a list. `openings` are the ids of some that it would unlock; null: they were not named."""

    __tablename__ = "pathway_credential"

    learner_id: str = Field(primary_key=True)
    region: str = Field(primary_key=True)
    credential: str = Field(primary_key=True, index=True)
    unlocked: int = Field(sa_column=Column(BigInteger, nullable=False))
    openings: list[Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))

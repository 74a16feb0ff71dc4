"""The tables of what is reached: the newest counts of openings and drafts, the drafts, and the previews that ask for them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index
from sqlmodel import Column, Field

from makersync.store.tables import utc_column
from openings.adapters.model import OpeningsModel


class ReachRow(OpeningsModel, table=True):
    """The newest counts of an opening or a draft, also of an opening that this service has lost. `counted` has the form that
    events carry, and is null once nothing is counted any more."""

    __tablename__ = "reach"
    __table_args__ = (Index("reach_ended", "ended_at"),)

    subject_id: str = Field(primary_key=True)
    employer_id: str
    region: str
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    counted: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    ended_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))


class DraftRow(OpeningsModel, table=True):
    """A draft at its newest version. `state` has the form that events carry; it and `preview_id` are null once the draft has
    ended. Rows stay, since versions only grow: an employer has a handful for each region that it has asked about."""

    __tablename__ = "draft"
    __table_args__ = (Index("draft_of_employer", "employer_id"), Index("draft_waiting", "preview_id"))

    draft_id: str = Field(primary_key=True)
    employer_id: str
    region: str
    version: int = Field(sa_column=Column(BigInteger, nullable=False))
    preview_id: str | None = None
    state: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    changed_at: datetime = Field(sa_column=utc_column())


class PreviewRow(OpeningsModel, table=True):
    """A preview. `reach` has the form that events carry."""

    __tablename__ = "preview"
    __table_args__ = (Index("preview_of_employer", "employer_id", "asked_at"), Index("preview_asked", "asked_at"))

    preview_id: str = Field(primary_key=True)
    employer_id: str
    region: str
    asked_at: datetime = Field(sa_column=utc_column())
    groups: list[dict[str, Any]] = Field(sa_column=Column(JSON, nullable=False))
    status: str
    reach: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))

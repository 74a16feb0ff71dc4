"""The table of drafts."""

from typing import Any

from sqlalchemy import JSON, Index, text
from sqlmodel import Column, Field

from matching.adapters.model import MatchingModel, version_column


class AskedDraftRow(MatchingModel, table=True):
    """The newest state of a draft, and no document once it has ended; its id is used again. `waits` until the owner of the
    partition's market has heard of this version, `cause` is the envelope of its event."""

    __tablename__ = "draft"
    __table_args__ = (Index("draft_waits", "partition", sqlite_where=text("waits"), postgresql_where=text("waits")),)

    region: str = Field(primary_key=True)
    draft_id: str = Field(primary_key=True)
    partition: int
    version: int = version_column()
    employer_id: str
    document: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    cause: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    waits: bool

"""The table of cells."""

from typing import Any

from sqlalchemy import JSON, Index, text
from sqlmodel import Column, Field

from matching.adapters.model import MatchingModel, version_column

#: Written out: a database does not find an index by a condition with a parameter.
WITH_LEVEL = text("level <> 'insufficient_data'")


class CellRow(MatchingModel, table=True):
    """What a cell remembers: its level, yesterday's, and its last signal."""

    __tablename__ = "cell"
    __table_args__ = (
        Index("cell_partition", "partition"),
        Index("cell_with_level", "region", sqlite_where=WITH_LEVEL, postgresql_where=WITH_LEVEL),
    )

    region: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    partition: int
    level: str
    previous_level: str | None = None
    version: int = version_column()
    signal: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))

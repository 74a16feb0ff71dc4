"""The table of indicators."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Column, Field

from makersync.store.tables import utc_column
from matching.adapters.model import MatchingModel


class CellIndicatorsRow(MatchingModel, table=True):
    """The indicators of a cell as they were last drawn: what its next signal carries."""

    __tablename__ = "cell_indicators"

    region: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    document: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    drawn_at: datetime = Field(sa_column=utc_column())

"""The table of the policy's versions."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Column, Field

from makersync.store.tables import utc_column
from matching.adapters.model import MatchingModel


class PolicyRow(MatchingModel, table=True):
    """A version of the policy; the highest one is live."""

    __tablename__ = "policy"

    version: int = Field(primary_key=True)
    document: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    applied_at: datetime = Field(sa_column=utc_column())

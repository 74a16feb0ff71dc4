"""The table of the catalog."""

from typing import Any

from sqlalchemy import JSON
from sqlmodel import Column, Field

from matching.adapters.model import MatchingModel, version_column


class CatalogRow(MatchingModel, table=True):
    """A competency or credential definition, newest version."""

    __tablename__ = "catalog_entry"

    subject: str = Field(primary_key=True)
    version: int = version_column()
    document: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))

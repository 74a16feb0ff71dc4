"""The table of the catalog."""

from typing import Any

from sqlalchemy import JSON, BigInteger
from sqlmodel import Column, Field

from matching.adapters.model import MatchingModel, version_column


class CatalogRow(MatchingModel, table=True):
    """A competency or credential definition, newest version; `written` counts the definitions up to it, where that was kept."""

    __tablename__ = "catalog_entry"

    subject: str = Field(primary_key=True)
    version: int = version_column()
    written: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    document: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))

"""The base of this service's tables, on a registry of its own."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.orm import registry
from sqlmodel import Column, Field, SQLModel


def version_column() -> Any:
    return Field(sa_column=Column(BigInteger, nullable=False))


class MatchingModel(SQLModel, registry=registry()):
    """Base of this service's tables."""

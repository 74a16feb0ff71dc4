"""The base of this service's tables, on a registry of its own."""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class OpeningsModel(SQLModel, registry=registry()):
    """Base of this service's tables; migrations compare the database with `OpeningsModel.metadata`."""

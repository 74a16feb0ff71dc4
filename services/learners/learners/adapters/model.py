"""The base of this service's tables, on a registry of its own."""

from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class LearnersModel(SQLModel, registry=registry()):
    """Base of this service's tables; `LearnersModel.metadata` is what its migrations compare with."""

"""The base of this service's tables, on a registry of its own."""

from typing import cast

from sqlalchemy import Table
from sqlalchemy.orm import registry
from sqlmodel import SQLModel


class LearnersModel(SQLModel, registry=registry()):
    """Base of this service's tables; `LearnersModel.metadata` is what its migrations compare with."""

    @classmethod
    def sql_table(cls) -> Table:
        """For statements that go around the session's cache of objects."""
        return cast(Table, cls.__table__)  # type: ignore[attr-defined]

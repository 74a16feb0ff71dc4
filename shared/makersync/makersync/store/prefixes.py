"""Searches for texts that begin with what was typed, which an index on the column answers."""

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped

#: After every text that begins with what stands before it.
_LAST = "\U0010ffff"


def begins_with(column: Mapped[str], text: str) -> ColumnElement[bool]:
    """The column's texts have to be compared as bytes, so that all with one beginning are together."""
    return (column >= text) & (column < f"{text}{_LAST}")

"""The path parameters that routes of this service share."""

from typing import Annotated

from fastapi import Path

Id = Annotated[str, Path(max_length=120)]
Region = Annotated[str, Path(max_length=40)]
CellSubject = Annotated[str, Path(max_length=300)]

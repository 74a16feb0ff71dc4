"""What the routes of cells answer with."""

from typing import Any

from pydantic import BaseModel


class CellView(BaseModel):
    region: str
    subject: str
    level: str
    previous_level: str | None
    signal: dict[str, Any] | None

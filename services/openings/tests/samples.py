"""Openings as employers send them."""

from typing import Any

YORK, YORK_TOO, CHICAGO = "17401", "17402", "60601"


def wanted(**changed: Any) -> dict[str, Any]:
    """A valid opening in York; None removes a field."""
    body = {"title": "CNC machinist", "zip": YORK, "positions": 3, "groups": [group()]} | changed
    return {name: value for name, value in body.items() if value is not None}


def group(identifier: str = "cnc", **changed: Any) -> dict[str, Any]:
    return {"id": identifier, "necessity": "required", "any_of": [{"credential": "nims.cnc-operator"}]} | changed

"""Remarks of the rules about values that are accepted but look wrong."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remark:
    """A warning about one field, named by its path in the request. `rule` is a fixed name; `detail` says what to check."""

    field: str
    rule: str
    detail: str

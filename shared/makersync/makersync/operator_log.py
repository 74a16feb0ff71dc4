"""The log of operators' actions as handlers see it; `store.operator_log` implements it."""

from collections.abc import Mapping
from typing import Protocol


class OperatorLog(Protocol):
    def note(self, action: str, subject: str, detail: Mapping[str, str]) -> None:
        """Record the operator's action in the present transaction."""
        ...

"""What operators do, recorded with the change itself: the part that handlers see (compare `store.operator_log`)."""

from collections.abc import Mapping
from typing import Protocol


class OperatorLog(Protocol):
    def note(self, action: str, subject: str, detail: Mapping[str, str]) -> None:
        """Record what the operator did, in the transaction."""
        ...

"""Where the handlers record what operators do."""

from collections.abc import Mapping
from typing import Protocol


class OperatorLog(Protocol):
    def note(self, action: str, subject: str, detail: Mapping[str, str]) -> None:
        """Record what the operator did, within the transaction."""
        ...

"""The market file that the oracle evaluates, as a plain document."""

from typing import Any

Doc = dict[str, Any]

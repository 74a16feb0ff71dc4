"""Identifiers are made here and nowhere else: a prefix that names the kind, and a ULID, so that they sort by age."""

from datetime import datetime

from ulid import ULID


def new_id(prefix: str, now: datetime) -> str:
    return f"{prefix}_{str(ULID.from_datetime(now)).lower()}"

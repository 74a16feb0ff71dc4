"""The only place where identifiers are made: a prefix that names the kind, and a ULID, so that they sort by age."""

import re
from datetime import datetime

from ulid import ULID

#: The alphabet of a ULID; the first digit keeps it within 128 bits.
_ULID = re.compile(r"[0-7][0-9a-hjkmnp-tv-z]{25}")


def new_id(prefix: str, now: datetime) -> str:
    return f"{prefix}_{str(ULID.from_datetime(now)).lower()}"


def made_at(prefix: str, identifier: str) -> datetime | None:
    """When the identifier was made; None if it is not an identifier of this kind."""
    kind, _, ulid = identifier.partition("_")
    if kind != prefix or not _ULID.fullmatch(ulid):
        return None
    try:
        return ULID.from_str(ulid.upper()).datetime
    except ValueError:  # beyond the calendar
        return None

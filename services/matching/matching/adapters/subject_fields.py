"""Fields that the events of openings, learners and cohorts share, as this service reads them."""

from datetime import date
from typing import Annotated

from msgspec import Meta

from contracts.wire import (
    FIRST_DAY,
    LAST_DAY,
    MOST_CENTS,
)
from reference.places import UnknownZip, load_places


def require_place(zip_code: str) -> str:
    """The region of a ZIP; a ZIP outside the table breaks the contract (MARKET.md section 1)."""
    try:
        return load_places().point(zip_code).region
    except UnknownZip as error:
        raise ValueError(f"unknown ZIP {zip_code}") from error


def require_days(*days: date | None) -> None:
    """Require dates that survive every time zone and the arithmetic of months."""
    if any(day is not None and not FIRST_DAY <= day <= LAST_DAY for day in days):
        raise ValueError(f"a date from {FIRST_DAY} to {LAST_DAY}")


Place = Annotated[str, Meta(max_length=40, pattern=r"^([0-9]{5}|nonmetro-[A-Z]{2}|remote)$(?!\n)")]

Zip = Annotated[str, Meta(pattern=r"^[0-9]{5}$")]

Cents = Annotated[int, Meta(ge=0, le=MOST_CENTS)]

Id = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]*$(?!\n)")]


def kinds_of(prefix: str, topic_types: object) -> list[str]:
    return [name.removeprefix(prefix) for name in topic_types]  # type: ignore[attr-defined]

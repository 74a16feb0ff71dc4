"""Fields that events and market files share, as this service reads them.

A market file holds whatever a market may, so its fields have wider bounds (`matching.adapters.market_file.forms`).
"""

from datetime import date
from typing import Annotated, TypeVar

from msgspec import UNSET, Meta, UnsetType

from contracts.wire import (
    FIRST_DAY,
    LAST_DAY,
    LONGEST_TEXT,
    LONGEST_TITLE,
    LONGEST_WORD,
    MOST_CENTS,
    MOST_LISTED,
    MOST_POSITIONS,
    MOST_SEATS,
)
from reference.places import REMOTE, UnknownZip, load_places


def require_place(zip_code: str) -> str:
    """The region of a ZIP; a ZIP outside the table breaks the contract (MARKET.md section 1)."""
    try:
        return load_places().point(zip_code).region
    except UnknownZip as error:
        raise ValueError(f"unknown ZIP {zip_code}") from error


def require_region(region: str, zip_code: str | None, is_remote: bool) -> None:
    """Require a place, and a region that it may have. A newer table of places may put the ZIP into another region: the subject
    stays where it was published, and is read to its end."""
    if (zip_code is None) is not is_remote:
        raise ValueError("exactly one of zip and remote")
    if zip_code is not None:
        require_place(zip_code)
    if (region == REMOTE) is not is_remote:
        raise ValueError("the region does not follow from the place")


def require_days(*days: date | None) -> None:
    """Require dates that survive every time zone and the arithmetic of months."""
    if any(day is not None and not FIRST_DAY <= day <= LAST_DAY for day in days):
        raise ValueError(f"a date from {FIRST_DAY} to {LAST_DAY}")


ValueT = TypeVar("ValueT")


def given(value: ValueT | UnsetType) -> ValueT | None:
    """A value that may be 0, or None where a market file leaves it out."""
    return None if value is UNSET else value


Place = Annotated[str, Meta(max_length=40, pattern=r"^([0-9]{5}|nonmetro-[A-Z]{2}|remote)$(?!\n)")]
Zip = Annotated[str, Meta(pattern=r"^[0-9]{5}$")]
Id = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@-]*$(?!\n)")]
#: The id of something that is defined elsewhere.
Reference = Annotated[Id, "reference"]
References = Annotated[tuple[Reference, ...], Meta(max_length=MOST_LISTED)]
Title = Annotated[str, Meta(max_length=LONGEST_TITLE)]
Word = Annotated[str, Meta(max_length=LONGEST_WORD)]
#: U+0000, which no database stores, is refused by the reader of the event.
Text = Annotated[str, Meta(max_length=LONGEST_TEXT)]
Texts = Annotated[tuple[Text, ...], Meta(max_length=MOST_LISTED)]
Cents = Annotated[int, Meta(ge=0, le=MOST_CENTS)]
Positions = Annotated[int, Meta(ge=1, le=MOST_POSITIONS)]
Filled = Annotated[int, Meta(ge=0, le=MOST_POSITIONS)]
Seats = Annotated[int, Meta(ge=0, le=MOST_SEATS)]
Level = Annotated[int, Meta(ge=1, le=5)]
Months = Annotated[int, Meta(ge=1, le=1_200)]
Weeks = Annotated[int, Meta(ge=0, le=1_000)]


def kinds_of(prefix: str, topic_types: object) -> list[str]:
    return [name.removeprefix(prefix) for name in topic_types]  # type: ignore[attr-defined]

"""The types of request fields. A field's shape is checked here, what it means by the domain."""

from datetime import date
from typing import Annotated

from fastapi import Path, Query
from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from learners.domain.catalog import MOST_LISTED
from learners.domain.cohort import MOST_SEATS
from learners.domain.learner import DEFAULT_REACH_KM, LEAST_REACH_KM, MOST_REACH_KM, MOST_WAGE, SHIFTS
from learners.domain.values import IDENTIFIER_LENGTH, NAME_LENGTH

_ISO_DATE_LENGTH = len("2026-11-22")


def _demand_iso_date(value: object) -> object:
    """Pydantic would accept some numbers and instants as dates."""
    if not isinstance(value, str) or len(value) != _ISO_DATE_LENGTH:
        raise PydanticCustomError("date_format", "must be a date such as 2026-11-22")
    return value


Day = Annotated[date, BeforeValidator(_demand_iso_date)]
Name = Annotated[str, Field(min_length=1, max_length=NAME_LENGTH)]
Text = Annotated[str, Field(min_length=1, max_length=1_000)]
CatalogId = Annotated[str, Field(min_length=1, max_length=IDENTIFIER_LENGTH)]
ZipCode = Annotated[str, Field(pattern=r"^[0-9]{5}$")]
ReachKm = Annotated[int, Field(ge=LEAST_REACH_KM, le=MOST_REACH_KM, strict=True, description=f"Usually {DEFAULT_REACH_KM}.")]
WageFloor = Annotated[
    int, Field(ge=0, le=MOST_WAGE, strict=True, description="US cents an hour: 2500 is 25 dollars an hour. Null: none.")
]
Shifts = Annotated[tuple[str, ...], Field(max_length=10, description=f"Of {', '.join(SHIFTS)}. Empty: any.")]
Seats = Annotated[int, Field(ge=0, le=MOST_SEATS, strict=True)]
Texts = Annotated[tuple[Text, ...], Field(max_length=MOST_LISTED)]
CatalogIds = Annotated[tuple[CatalogId, ...], Field(max_length=MOST_LISTED)]

IdFilter = Annotated[str | None, Query(min_length=1, max_length=120)]
CatalogIdPath = Annotated[str, Path(max_length=IDENTIFIER_LENGTH)]

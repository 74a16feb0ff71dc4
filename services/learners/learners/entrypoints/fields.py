"""The types of request fields. A field's shape is checked here, what it means by the domain."""

from datetime import date
from typing import Annotated

from fastapi import Query
from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from learners.domain.catalog import MOST_LISTED
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
Texts = Annotated[tuple[Text, ...], Field(max_length=MOST_LISTED)]
CatalogIds = Annotated[tuple[CatalogId, ...], Field(max_length=MOST_LISTED)]

CredentialFilter = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=120,
        description="Only with this credential of the catalog; one that the catalog does not have is refused.",
        examples=["nims:cnc-milling-operator"],
    ),
]
ProviderFilter = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=120,
        description="Only of this provider; an id that no provider has is refused.",
        examples=["prv_01m8mx84ypv8jnze9ync437qkh"],
    ),
]
IssuerFilter = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=200,
        description="Only of this issuer, by its name as the catalog has it, in upper or lower case; a name that no definition "
        "of the catalog has is refused.",
        examples=["National Institute for Metalworking Skills"],
    ),
]

"""Regions in addresses: an unknown one is refused, for a misspelt region would look like one in which nothing happens."""

from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from reference.places import load_places


def is_region(region: str) -> bool:
    try:
        load_places().region_name(region)
    except KeyError:
        return False
    return True


def _known(region: str | None) -> str | None:
    if region is not None and not is_region(region):
        raise PydanticCustomError("unknown_region", "must be the id of a labour market, such as 49620 or remote")
    return region


RegionFilter = Annotated[
    str | None,
    Query(
        pattern=r"^([0-9]{5}|nonmetro-[A-Z]{2}|remote)$",
        description="Only of this region: a CBSA code of five digits, `nonmetro-` and a state, or `remote` "
        "(MARKET.md section 1).",
        examples=["45780"],
    ),
    AfterValidator(_known),
]

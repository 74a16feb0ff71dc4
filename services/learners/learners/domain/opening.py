"""An opening as this service knows it from its events: what employers tell everybody about a job."""

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from reference.places import Places, UnknownZip


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicOpening:
    """Wages are US cents an hour; None means unknown. `remaining` are the positions that are not filled."""

    opening_id: str
    region: str
    employer_id: str
    employer_name: str | None
    title: str
    occupation: str | None
    zip: str | None
    remote: bool
    remaining: int
    start_by: date | None
    closes_on: date | None
    shifts: tuple[str, ...]
    wage_min: int | None
    wage_max: int | None
    status: str
    version: int

    @property
    def looks_for_people(self) -> bool:
        """Whether it is open with a position left. One that passes its closing date is closed by the openings service."""
        return self.status == "open" and self.remaining > 0


class PlacedJob(Protocol):
    """A job with the ZIP code of its place of work; None for remote work."""

    @property
    def zip(self) -> str | None: ...


def place_name(opening: PlacedJob, places: Places) -> str | None:
    """The place of work for people: city and state, or that it is done remotely; None where the ZIP code is not known."""
    if opening.zip is None:
        return "Remote"
    try:
        point = places.point(opening.zip)
    except UnknownZip:
        return None
    return f"{point.city}, {point.state}"


def region_name(opening: PublicOpening, places: Places) -> str:
    """The name of the labour market for people, or its id where the reference data has no name for it."""
    try:
        return places.region_name(opening.region)
    except KeyError:
        return opening.region

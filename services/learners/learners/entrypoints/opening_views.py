"""Openings of employers in answers: what a provider may know of a job."""

from datetime import date

from pydantic import BaseModel, Field

from contracts.wire import ZONED
from learners.domain.opening import PublicOpening, place_name, region_name
from learners.entrypoints.ids import RegionId
from reference.places import load_places


class PublicOpeningView(BaseModel):
    """The job behind an opening's id, as the openings service last published it."""

    opening_id: str = Field(description="Id of the opening.", examples=["opn_01m8mx80qj6b9vw3tqf1p5n7ra"])
    title: str = Field(description="What the employer calls the job.", examples=["CNC machinist"])
    employer_name: str | None = Field(
        description="Name of the employer; null when the opening was last changed before employers were named in it.",
        examples=["Cuyahoga Precision"],
    )
    region: RegionId
    region_name: str = Field(description="Name of the labour market, for people.", examples=["Toledo, OH"])
    place: str | None = Field(
        description="City and state of the place of work, or `Remote`; null where its ZIP code is not known here.",
        examples=["Toledo, OH"],
    )
    zip: str | None = Field(description="ZIP code of the place of work; null for remote work.", examples=["43604"])
    remote: bool = Field(description="Whether the work is done remotely.", examples=[False])
    wage_min: int | None = Field(description="Lowest wage offered, US cents an hour; null: not said.", examples=[2500])
    wage_max: int | None = Field(description="Highest wage offered, US cents an hour; null: not said.", examples=[3100])
    shifts: tuple[str, ...] = Field(description="Shifts that are worked; empty: any.", examples=[["day"]])
    start_by: date | None = Field(
        description=f"Date {ZONED} by which somebody must be able to begin; null: any date.", examples=["2026-11-30"]
    )
    closes_on: date | None = Field(
        description=f"Last date {ZONED} on which candidates are matched; null: it does not expire.", examples=["2026-11-27"]
    )
    remaining: int = Field(description="Positions that are not filled.", examples=[2])
    status: str = Field(description="`open`, `closed` or `filled`.", examples=["open"])
    version: int = Field(description="Version of the opening that this is.", examples=[1])

    @classmethod
    def of(cls, opening: PublicOpening) -> "PublicOpeningView":
        places = load_places()
        return cls(
            opening_id=opening.opening_id,
            title=opening.title,
            employer_name=opening.employer_name,
            region=opening.region,
            region_name=region_name(opening, places),
            place=place_name(opening, places),
            zip=opening.zip,
            remote=opening.remote,
            wage_min=opening.wage_min,
            wage_max=opening.wage_max,
            shifts=opening.shifts,
            start_by=opening.start_by,
            closes_on=opening.closes_on,
            remaining=opening.remaining,
            status=opening.status,
            version=opening.version,
        )

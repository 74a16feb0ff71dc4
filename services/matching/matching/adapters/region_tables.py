"""The table of regions."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import Field

from makersync.store.tables import utc_column
from matching.adapters.model import MatchingModel, version_column


class RegionRow(MatchingModel, table=True):
    """A region of which any event ever came. Pairs, pathways and reach without a row continue above the floors, so that rows
    of what has ended need not be kept. `drawn_on` and `drawn_at`: when a process last claimed it to draw its indicators."""

    __tablename__ = "market_region"
    __table_args__ = (Index("market_region_partition", "partition"), Index("market_region_drawn", "drawn_at"))

    region: str = Field(primary_key=True)
    partition: int
    match_floor: int = version_column()
    pathway_floor: int = version_column()
    reach_floor: int = version_column()
    drawn_on: date | None = None
    drawn_at: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))

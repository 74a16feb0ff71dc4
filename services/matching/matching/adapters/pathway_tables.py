"""The table of pathways."""

from sqlalchemy import Index, text
from sqlmodel import Field

from matching.adapters.model import MatchingModel, version_column


class PathwayRow(MatchingModel, table=True):
    """The pathway that was last published for a learner in a region: a digest of the list, none once it has ended."""

    __tablename__ = "pathway"
    __table_args__ = (
        Index("pathway_partition", "partition"),
        Index("pathway_ended", "region", sqlite_where=text("digest IS NULL"), postgresql_where=text("digest IS NULL")),
    )

    region: str = Field(primary_key=True)
    learner_id: str = Field(primary_key=True)
    partition: int
    version: int = version_column()
    digest: str | None = None

"""The feed's tables, in the database of each service that has a feed."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, text
from sqlalchemy.orm import registry
from sqlmodel import Column, Field, SQLModel

from makersync.store.tables import BigSerial, utc_column


class FeedModel(SQLModel, registry=registry()):
    """Base of the feed's tables. Migrations are compared with `FeedModel.metadata`."""


class FeedEntryRow(FeedModel, table=True):
    """One change in the feed of an organisation, written in the transaction of its cause.

    `position` is null until the leader has numbered the entry. `data` is null once what it says about a learner is forgotten.
    """

    __tablename__ = "feed_entry"
    __table_args__ = (
        Index("feed_position", "organisation_id", "position", unique=True),
        Index("feed_subject", "organisation_id", "subject"),
        Index("feed_recorded", "recorded_at"),
        Index("feed_unnumbered", "id", sqlite_where=text("position IS NULL"), postgresql_where=text("position IS NULL")),
    )

    id: int | None = Field(default=None, sa_column=Column(BigSerial, primary_key=True, autoincrement=True))
    organisation_id: str
    position: int | None = Field(default=None, sa_column=Column(BigInteger, nullable=True))
    type: str
    subject: str
    occurred_at: datetime = Field(sa_column=utc_column())
    recorded_at: datetime = Field(sa_column=utc_column())
    data: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))


class FeedHeadRow(FeedModel, table=True):
    """An organisation's last position, and the last one whose entry is no longer kept; positions begin with 1.

    `moved` is the number of the transaction that moved it last: whoever remembers the highest number finds what moved since.
    """

    __tablename__ = "feed_head"
    __table_args__ = (Index("feed_head_moved", "moved"),)

    organisation_id: str = Field(primary_key=True)
    position: int = Field(sa_column=Column(BigInteger, nullable=False))
    forgotten: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))
    moved: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))


class FeedProgressRow(FeedModel, table=True):
    """What all feeds of the service share; a single row.

    They are complete up to `complete_to`, and a feed without entries begins after the position `floor`.
    """

    __tablename__ = "feed_progress"

    id: int = Field(default=1, primary_key=True)
    complete_to: datetime | None = Field(default=None, sa_column=utc_column(nullable=True))
    floor: int = Field(default=0, sa_column=Column(BigInteger, nullable=False, server_default="0"))

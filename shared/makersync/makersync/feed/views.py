"""How a feed and its snapshot are shown."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

_POSITION = "Position in the organisation's own feed, from 1, without gaps. Pass it as `after` to go on from there."
_COMPLETE_TO = (
    "UTC instant: everything that was published to the topics of this service before it is in the feed. Null until "
    "it is known for the first time. It does not advance while an event is set aside for an operator to decide about."
)


class EntryView(BaseModel):
    """One change that concerns the organisation."""

    position: int = Field(description=_POSITION, examples=[4711])
    type: str = Field(description="What has changed, by its fixed name.", examples=["match.proposed"])
    subject: str = Field(
        description="Id of what has changed. Entries of one subject stand in the order in which the changes were made.",
        examples=["opn_01kb1q5ve0v2j8y5h3m9c7t4rn/lrn_01kb1q5ve0f6x2w8d4s9b7k3qa"],
    )
    occurred_at: datetime = Field(description="UTC instant of the change.", examples=["2026-11-22T09:30:00Z"])
    data: dict[str, Any] | None = Field(
        description="The whole state after the change, in the form of its `type`; null once what it says about a learner must "
        "not be kept, such as after the learner's erasure."
    )


class FeedView(BaseModel):
    """The entries that follow a position, oldest first."""

    entries: list[EntryView] = Field(description="At most as many as `limit`.")
    position: int = Field(
        description="The position that this answer reaches to. Pass it as `after` for what follows; it also passes entries "
        "of other types.",
        examples=[4711],
    )
    more: bool = Field(description="Whether further entries are there already.", examples=[False])
    complete_to: datetime | None = Field(description=_COMPLETE_TO, examples=["2026-11-22T09:30:00Z"])


class SnapshotItem(BaseModel):
    """Something that is true now, as the newest entry about it says."""

    type: str = Field(description="The type of entry that would say the same.", examples=["match.proposed"])
    subject: str = Field(
        description="Id of what it is about.", examples=["opn_01kb1q5ve0v2j8y5h3m9c7t4rn/lrn_01kb1q5ve0f6x2w8d4s9b7k3qa"]
    )
    data: dict[str, Any] = Field(description="Its whole state, in the form of its `type`.")


class SnapshotView(BaseModel):
    """Some of what is true. Read all pages, then the feed from `position`: an entry replaces what the snapshot says about its
    subject, or ends it."""

    items: list[SnapshotItem] = Field(description="The next of the snapshot, at most as many as `limit`.")
    position: int = Field(
        description="The position from which to read the feed after the last page; the same on every page.", examples=[4711]
    )
    complete_to: datetime | None = Field(description=_COMPLETE_TO, examples=["2026-11-22T09:30:00Z"])
    next_cursor: str | None = Field(description="To be sent as `cursor` for the next page; null on the last.", examples=[None])

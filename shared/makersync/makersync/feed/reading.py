"""Reading a feed: at once, or when there is news."""

from collections.abc import Collection
from dataclasses import dataclass, field

from makersync.clock import Clock
from makersync.feed.repository import Entry, FeedHead, FeedRepository
from makersync.feed.views import EntryView, FeedView
from makersync.feed.watching import FeedWatch
from makersync.http.problems import Gone
from makersync.store.database import Store

SNAPSHOT_PATH = "/v1/feed/snapshot"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries of whose feed. Without types, all."""

    organisation_id: str
    after: int
    types: Collection[str] = field(default_factory=tuple)
    most: int = 200


@dataclass(frozen=True, slots=True)
class Feed:
    """The feeds of a service, as its HTTP routes read them. No database session is open while a request waits."""

    store: Store
    clock: Clock
    watch: FeedWatch

    async def read(self, wanted: Wanted) -> FeedView:
        """The entries that are there. Raises Gone when some that followed the position are not kept, or the position was never
        given out."""
        async with self.store.snapshot() as session:
            feed = FeedRepository(session, wanted.organisation_id)
            head = await feed.head()
            _demand_kept(head, wanted.after)
            entries = await feed.after(wanted.after, wanted.types, wanted.most)
        return _view(entries, head, wanted)

    async def read_news(self, wanted: Wanted, within_s: float) -> FeedView:
        """The same, but wait so long for the first entry. Raises TooManyRequests."""
        view = await self.read(wanted)
        if view.entries or within_s <= 0:
            return view
        async with self.watch.place(wanted.organisation_id):
            until = self.clock.monotonic() + within_s
            while not view.entries and await self.watch.beyond(
                wanted.organisation_id, view.position, until - self.clock.monotonic()
            ):
                view = await self.read(wanted)
        return view


def _demand_kept(head: FeedHead, after: int) -> None:
    if not head.has_kept(after):
        raise Gone(
            "feed_position",
            f"What follows position {after} is not kept, or there was no such position. Read {SNAPSHOT_PATH}, and the feed "
            "from its position.",
        )


def _view(entries: Collection[Entry], head: FeedHead, wanted: Wanted) -> FeedView:
    """A page that is not full has passed over everything up to the last position."""
    is_full = len(entries) >= wanted.most
    shown = [EntryView.model_validate(entry, from_attributes=True) for entry in entries]
    position = shown[-1].position if is_full else head.position
    return FeedView(entries=shown, position=position, more=position < head.position, complete_to=head.complete_to)
